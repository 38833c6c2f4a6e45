namespace Sluice.Cli.Shell;

/// <summary>The shells for which there is a completion.</summary>
internal enum CompletionShell
{
    /// <summary>GNU bash.</summary>
    Bash,

    /// <summary>The Z shell.</summary>
    Zsh,

    /// <summary>The friendly interactive shell.</summary>
    Fish,

    /// <summary>PowerShell.</summary>
    PowerShell,
}
