namespace Sluice.Tests.CrossCutting.Closing;

/// <summary>The ways to close a connection on this side.</summary>
public enum CloseKind
{
    Abort,
    CloseAsync,
    DisposeAsync,
    DisposeManager,
    StopServer,
    Twice,
}
