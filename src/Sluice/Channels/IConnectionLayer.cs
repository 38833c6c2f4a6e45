namespace Sluice.Channels;

/// <summary>What stands on a connection and has something to say before that is closed.</summary>
internal interface IConnectionLayer : IDisposable
{
    /// <summary>Says it: sends what was written, and the end. Never fails, but may take as long as the peer likes.</summary>
    Task CloseAsync();

    /// <summary>The connection is cut: ends whoever reads or writes.</summary>
    void Abandon();
}
