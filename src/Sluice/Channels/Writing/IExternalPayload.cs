namespace Sluice.Channels.Writing;

/// <summary>Bytes that are not in our memory, and that a sink takes from where they are: a file, or a pipe of the kernel.</summary>
internal interface IExternalPayload : IDisposable
{
    /// <summary>How many are left. Any thread may ask; whoever sends changes it.</summary>
    long Length { get; }

    /// <summary>How many it turned out not to have after all. They count as sent.</summary>
    long Missing => 0;

    /// <summary>Whether to send them takes no wait for a disk, as far as the system tells.</summary>
    bool IsReady => true;

    /// <summary>
    /// Sends what the sink takes now, and returns how much that was. When <paramref name="pending"/> comes out true that was nothing, and
    /// <see cref="ISinkClient.OnSinkReady"/> will be called, perhaps before this returns.
    /// </summary>
    /// <exception cref="IOException">The peer reset, or the network failed.</exception>
    int TrySend(ISinkClient client, out bool pending);
}
