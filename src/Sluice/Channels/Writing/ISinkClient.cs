namespace Sluice.Channels.Writing;

/// <summary>Receives the call back of a sink that was full.</summary>
internal interface ISinkClient
{
    /// <summary>Continues after the sink took <paramref name="sent"/> of the pending bytes (perhaps 0), or failed.</summary>
    void OnSinkReady(int sent, Exception? error);
}
