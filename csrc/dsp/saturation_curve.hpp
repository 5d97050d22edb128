#pragma once

namespace smartmix::dsp {

enum class Character { tape, tube, clip };

// Small signal gain before the curve: 0 at 0 dB, where the curve is a straight line.
double drive_factor(double drive_db) noexcept;

// How far the curve leans to one side.
double curve_bias(Character character) noexcept;

// f(drive x) / drive: unit slope at 0, no offset there; x itself without drive.
double saturation_curve(Character character, double drive, double x) noexcept;

// What the curve does to programme of -18 dBFS RMS (normally distributed): the share of it that comes through as it was (what a
// line through the curve would give: J. J. Bussgang, 1952), and the gain that makes the whole as loud as it was. What is
// not that share is brighter than the programme and counts for more. Both are exactly 1 without drive.
struct ProgrammeResponse {
    double kept = 1.0;
    double match = 1.0;
};
ProgrammeResponse programme_response(Character character, double drive) noexcept;

}  // namespace smartmix::dsp
