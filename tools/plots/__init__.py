"""The plots of docs/dsp, drawn from what the native code does."""
