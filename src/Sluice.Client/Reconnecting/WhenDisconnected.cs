namespace Sluice.Client;

/// <summary>Says what happens to a request while there is no connection.</summary>
public enum WhenDisconnected
{
    /// <summary>The request waits for a connection, and is sent again if the connection ended before it was sent.</summary>
    Wait = 0,

    /// <summary>The request fails at once.</summary>
    Fail = 1,
}
