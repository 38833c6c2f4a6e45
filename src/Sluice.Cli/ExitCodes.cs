namespace Sluice.Cli;

/// <summary>What the command exits with.</summary>
internal static class ExitCodes
{
    public const int Success = 0;

    /// <summary>It could not do what it was asked to; stderr says why.</summary>
    public const int Failure = 1;

    /// <summary>It was asked in a way that it does not understand.</summary>
    public const int Usage = 2;
}
