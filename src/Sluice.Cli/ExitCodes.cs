namespace Sluice.Cli;

/// <summary>The exit codes of the command.</summary>
internal static class ExitCodes
{
    public const int Success = 0;

    /// <summary>The command failed; standard error says why.</summary>
    public const int Failure = 1;

    /// <summary>The command line is invalid.</summary>
    public const int Usage = 2;

    /// <summary>The reader of the standard output has gone: what a shell reports of a program that SIGPIPE ends.</summary>
    public const int OutputClosed = 141;
}
