namespace Sluice.Channels.Writing;

/// <summary>Who is told when a sink that was full can go on.</summary>
internal interface ISinkClient
{
    /// <summary>The sink took <paramref name="sent"/> more of the pending bytes meanwhile (perhaps 0), or failed.</summary>
    void OnSinkReady(int sent, Exception? error);
}
