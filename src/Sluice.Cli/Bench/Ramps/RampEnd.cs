namespace Sluice.Cli.Bench.Ramps;

/// <summary>Why a ramp has ended.</summary>
internal enum RampEnd
{
    /// <summary>All steps were run, and the server kept up with each.</summary>
    Steps,

    /// <summary>The latency was too high.</summary>
    Latency,

    /// <summary>Fewer messages came back than were wanted.</summary>
    Rate,

    /// <summary>The server failed, or could not be reached.</summary>
    Error,

    /// <summary>A signal ended it.</summary>
    Stopped,
}
