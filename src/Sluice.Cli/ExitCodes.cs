namespace Sluice.Cli;

/// <summary>The exit codes of the command.</summary>
internal static class ExitCodes
{
    public const int Success = 0;

    /// <summary>The command failed; standard error says why.</summary>
    public const int Failure = 1;

    /// <summary>The command line is invalid.</summary>
    public const int Usage = 2;
}
