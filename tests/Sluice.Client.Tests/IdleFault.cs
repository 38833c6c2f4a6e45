namespace Sluice.Client.Tests;

/// <summary>What the peer of an idle connection does.</summary>
public enum IdleFault
{
    Close,
    Reset,
    Bytes,
}
