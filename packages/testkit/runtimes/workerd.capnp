using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "suite", worker = .suite)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "suite")],
);

const suite :Workerd.Worker = (
  compatibilityDate = "2026-01-01",
  modules = [
    (name = "workerd-host.mjs", esModule = embed "js/workerd-host.mjs"),
    (name = "core.wasm", wasm = embed "wasm/core.wasm"),
  ],
);
