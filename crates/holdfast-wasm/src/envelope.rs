use holdfast_core::base64;
use holdfast_core::turtl::envelope::{self, HEADER_BYTES};

use crate::aead::{gather, open_all, AeadJob};
use crate::memory::{bytes, bytes_mut, clean, SMALL};

/// Seals a batch of Turtl envelopes: of each job `key`, `nonce`, `source`, `message` and `length` are read; the header is
/// written before `message`, the tag behind it.
#[no_mangle]
pub unsafe extern "C" fn envelope_seal_batch(jobs: *mut AeadJob, count: usize) -> u32 {
    let jobs = core::slice::from_raw_parts_mut(jobs, count);
    for job in jobs.iter_mut().rev() {
        core::ptr::copy(job.source, job.message, job.length);
        job.source = job.message;
        let header = job.message.sub(HEADER_BYTES);
        *header.cast::<[u8; HEADER_BYTES]>() = envelope::header(&*job.nonce.cast());
        job.aad = header;
        job.aad_length = HEADER_BYTES;
    }
    crate::aead::aead_seal_batch(false, jobs.as_mut_ptr(), count)
}

/// Opens a batch of Turtl envelopes: of each job `key`, `source` and `length` are read, of the whole envelope; it lies in
/// at least `envelope::OVERHEAD` bytes. The plaintexts come together from the first one's source on.
#[no_mangle]
pub unsafe extern "C" fn envelope_open_batch(jobs: *mut AeadJob, count: usize) -> u32 {
    let jobs = core::slice::from_raw_parts_mut(jobs, count);
    clean::<SMALL>(|| {
        for job in jobs.iter_mut() {
            let header = job.source;
            if let Err(error) = envelope::judge(bytes(header, job.length)) {
                // Nothing of it is used: an empty message of zeros takes its turn in the batch, whatever comes of it.
                job.code = error as u32;
                job.length = envelope::OVERHEAD;
                bytes_mut(header, envelope::OVERHEAD).fill(0);
            }
            job.nonce = header.add(HEADER_BYTES - 12);
            job.aad = header;
            job.aad_length = HEADER_BYTES;
            job.source = header.add(HEADER_BYTES);
            job.length -= envelope::OVERHEAD;
        }
        open_all(false, jobs);
        gather(jobs);
        Ok(())
    })
}

/// Decodes base64 texts that lie one after another from `text` on, text `i` up to `ends[i]`; afterwards their bytes lie
/// there, those of text `i` up to `ends[i]`: none for a text that is no base64.
#[no_mangle]
pub unsafe extern "C" fn base64_decode_batch(text: *mut u8, length: usize, ends: *mut u32, count: usize) {
    base64::decode_all(bytes_mut(text, length), core::slice::from_raw_parts_mut(ends, count));
}
