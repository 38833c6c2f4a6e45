namespace Sluice.Channels.Writing;

/// <summary>Represents bytes outside this process's memory that a sink takes from where they are: a file, or a pipe of the kernel.</summary>
internal interface IExternalPayload : IDisposable
{
    /// <summary>The number of bytes left. Any thread may read it; only the sender changes it.</summary>
    long Length { get; }

    /// <summary>The number of bytes that turned out to be missing. They count as sent.</summary>
    long Missing => 0;

    /// <summary>Whether sending needs no wait for a disk, as far as the system can tell.</summary>
    bool IsReady => true;

    /// <summary>
    /// Sends as many bytes as the sink takes now. If <paramref name="pending"/> comes out true, it took none, and the sink calls
    /// <see cref="ISinkClient.OnSinkReady"/>, perhaps before this returns.
    /// </summary>
    /// <returns>The number of bytes sent.</returns>
    /// <exception cref="IOException">The peer reset the connection, or the network failed.</exception>
    int TrySend(ISinkClient client, out bool pending);
}
