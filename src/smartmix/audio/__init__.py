"""Sound in and out: buffers, files, resampling, dither. Samples are float32 (channels, frames) everywhere."""

from smartmix.audio.buffer import Audio, Samples, check_sample_rate, check_samples

__all__ = ["Audio", "Samples", "check_sample_rate", "check_samples"]
