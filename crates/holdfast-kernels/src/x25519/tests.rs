//! Every path against x25519-dalek, and against RFC 7748.

use x25519_dalek::x25519;

use super::*;
use crate::test_support::Seeded;

fn count(in_release: usize) -> usize {
    if cfg!(debug_assertions) {
        in_release / 100
    } else {
        in_release
    }
}

fn key(hex_digits: &str) -> [u8; 32] {
    hex::decode(hex_digits).unwrap().try_into().unwrap()
}

fn base_point() -> [u8; 32] {
    BASE_POINT
}

/// Each point of low order on the curve and its twist, and the encodings that reduce to one, with and without the top bit.
fn low_order() -> Vec<[u8; 32]> {
    [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ]
    .iter()
    .flat_map(|point| {
        let point = key(point);
        let mut with_top_bit = point;
        with_top_bit[31] |= 0x80;
        [point, with_top_bit]
    })
    .collect()
}

/// All encodings from p up, and with the top bit set.
fn noncanonical() -> Vec<[u8; 32]> {
    let mut points = Vec::new();
    for low in 0xed..=0xffu8 {
        for high in [0x7f, 0xff] {
            let mut point = [0xff; 32];
            point[0] = low;
            point[31] = high;
            points.push(point);
        }
    }
    points.extend((2..30u8).map(|low| {
        from_fn(|i| {
            if i == 0 {
                low
            } else if i == 31 {
                0x80
            } else {
                0
            }
        })
    }));
    points
}

fn batch(secrets: &[[u8; 32]], publics: &[[u8; 32]]) -> (Vec<[u8; 32]>, Vec<usize>) {
    let mut out = vec![[0xaa; 32]; secrets.len()];
    let mut refused = Vec::new();
    shared_secrets(secrets, publics, &mut out, |index| refused.push(index));
    (out, refused)
}

/// RFC 7748 §5.2.
#[test]
fn the_vectors_of_the_rfc() {
    for (secret, point, expected) in [
        (
            "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
            "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
            "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552",
        ),
        (
            "4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
            "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
            "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957",
        ),
    ] {
        assert_eq!(*shared_secret(&key(secret), &key(point)).unwrap(), key(expected));
        assert_eq!(
            batch(&[key(secret); 7], &[key(point); 7]),
            (vec![key(expected); 7], vec![])
        );
    }
}

/// RFC 7748 §5.2, one and a thousand times, by each path that takes any point.
#[test]
fn the_iterated_vector_of_the_rfc() {
    let (mut k, mut u) = (base_point(), base_point());
    let (mut k4, mut u4) = (k, u);
    for round in 1..=1000 {
        let next = *shared_secret(&k, &u).unwrap();
        (u, k) = (k, next);
        let next = batch(&[k4; 4], &[u4; 4]).0[round % 4];
        (u4, k4) = (k4, next);
        if round == 1 {
            assert_eq!(
                k,
                key("422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079")
            );
        }
    }
    assert_eq!(
        k,
        key("684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51")
    );
    assert_eq!(k4, k);
}

/// The law of RFC 7748 §6.1.
#[test]
fn both_sides_agree() {
    let alice = from_fn(|i| i as u8);
    let bob = [9; 32];
    let one = shared_secret(&alice, &derive_public_key(&bob)).unwrap();
    let other = shared_secret(&bob, &derive_public_key(&alice)).unwrap();
    assert_eq!(one, other);
}

#[test]
fn ten_thousand_random_points_in_batches() {
    check_random_points(1, count(10_000));
}

/// Half a minute where the lanes are an array: `cargo test --release -- --ignored`.
#[test]
#[ignore = "takes half a minute"]
fn a_hundred_thousand_random_points_in_batches() {
    check_random_points(9, 100_000);
}

fn check_random_points(seed: u64, total: usize) {
    let mut random = Seeded::new(seed);
    let (secrets, publics) = (random.keys(total), random.keys(total));
    let (shared, refused) = batch(&secrets, &publics);
    assert_eq!(refused, [0usize; 0]);
    for index in 0..total {
        assert_eq!(
            shared[index],
            x25519(secrets[index], publics[index]),
            "seed {seed}, index {index}"
        );
    }
}

#[test]
fn single_base_point_and_tables_against_the_reference() {
    let mut random = Seeded::new(2);
    let total = count(2_000);
    let (secrets, points) = (random.keys(total), random.keys(total));
    let mut publics = vec![[0; 32]; total];
    derive_public_keys(&secrets, &mut publics);
    for index in 0..total {
        let expected = x25519(secrets[index], base_point());
        assert_eq!(publics[index], expected, "seed 2, index {index}");
        assert_eq!(derive_public_key(&secrets[index]), expected, "seed 2, index {index}");
        let shared = x25519(secrets[index], points[index]);
        assert_eq!(
            *shared_secret(&secrets[index], &points[index]).unwrap(),
            shared,
            "seed 2, index {index}"
        );
        let mut both = Exchange::default();
        exchange(&secrets[index], &points[index], &mut both).unwrap();
        assert_eq!(
            (both.public_key, *both.shared),
            (expected, shared),
            "seed 2, index {index}"
        );
    }
}

/// Half of all random points lie on the twist: those have no comb.
#[test]
fn tables_of_points_on_the_curve_and_on_the_twist() {
    let mut random = Seeded::new(3);
    let secrets = random.keys(9);
    let mut on_twist = 0;
    for point in random.keys(count(500)).into_iter().chain(noncanonical()) {
        let table = match RecipientTable::new(&point) {
            Ok(table) => table,
            Err(error) => {
                assert_eq!(error, Error::WeakPublicKey);
                assert_eq!(x25519(secrets[0], point), [0; 32]);
                continue;
            }
        };
        on_twist += usize::from(table.comb.is_none());
        let mut shared = [[0; 32]; 9];
        table.shared_secrets(&secrets, &mut shared);
        for (secret, shared) in secrets.iter().zip(&shared) {
            assert_eq!(*shared, x25519(*secret, point), "point {point:02x?}");
        }
        let mut both = Exchange::default();
        table.exchange(&secrets[0], &mut both).unwrap();
        assert_eq!(
            (both.public_key, *both.shared),
            (derive_public_key(&secrets[0]), shared[0])
        );
    }
    assert!(on_twist > 0);
}

#[test]
fn every_length_of_batch() {
    let mut random = Seeded::new(4);
    let (secrets, points) = (random.keys(131), random.keys(131));
    for length in (0..20).chain(62..=67).chain(126..=131) {
        let (shared, _) = batch(&secrets[..length], &points[..length]);
        let mut publics = vec![[0; 32]; length];
        derive_public_keys(&secrets[..length], &mut publics);
        for index in 0..length {
            assert_eq!(
                shared[index],
                x25519(secrets[index], points[index]),
                "length {length}, index {index}"
            );
            assert_eq!(
                publics[index],
                x25519(secrets[index], base_point()),
                "length {length}, index {index}"
            );
        }
    }
}

#[test]
fn points_of_low_order_are_refused_in_every_path() {
    let mut random = Seeded::new(5);
    for point in low_order() {
        for secret in [[0; 32], [0xff; 32], random.array()] {
            assert_eq!(
                shared_secret(&secret, &point),
                Err(Error::WeakPublicKey),
                "{point:02x?}"
            );
            assert_eq!(
                exchange(&secret, &point, &mut Exchange::default()),
                Err(Error::WeakPublicKey)
            );
        }
        assert!(
            matches!(RecipientTable::new(&point), Err(Error::WeakPublicKey)),
            "{point:02x?}"
        );
    }
}

/// One zero denominator among many divided together must not spoil the others.
#[test]
fn points_of_low_order_in_a_batch_are_refused_alone() {
    let mut random = Seeded::new(6);
    for length in [1, 2, 3, 4, 5, 6, 64, 70] {
        for low in low_order() {
            let secrets = random.keys(length);
            let mut points = random.keys(length);
            let place = random.word() as usize % length;
            points[place] = low;
            let (shared, refused) = batch(&secrets, &points);
            assert_eq!(refused, [place]);
            for index in 0..length {
                assert_eq!(
                    shared[index],
                    x25519(secrets[index], points[index]),
                    "length {length}, index {index}"
                );
            }
        }
    }
    let (shared, refused) = batch(&[[1; 32]; 14], &low_order());
    assert_eq!((shared, refused), (vec![[0; 32]; 14], (0..14).collect()));
}

#[test]
fn noncanonical_encodings_stand_for_their_residues() {
    let mut random = Seeded::new(8);
    let points = noncanonical();
    let secrets = random.keys(points.len());
    let (shared, refused) = batch(&secrets, &points);
    for index in 0..points.len() {
        let expected = x25519(secrets[index], points[index]);
        assert_eq!(shared[index], expected, "{:02x?}", points[index]);
        assert_eq!(refused.contains(&index), expected == [0; 32]);
        assert_eq!(
            shared_secret(&secrets[index], &points[index]).is_err(),
            expected == [0; 32]
        );
    }
}

#[test]
fn clamping_makes_scalars_of_all_zeros_and_all_ones_usable() {
    for secret in [[0; 32], [0xff; 32], base_point()] {
        assert_eq!(derive_public_key(&secret), x25519(secret, base_point()));
        let mut publics = [[0; 32]; 5];
        derive_public_keys(&[secret; 5], &mut publics);
        assert_eq!(publics, [x25519(secret, base_point()); 5]);
    }
}
