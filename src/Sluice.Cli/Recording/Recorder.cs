using System.Net;
using Sluice.Cli.EndPoints;

namespace Sluice.Cli.Recording;

/// <summary>Records relayed conversations as a pcapng file: as packets between the client and the relay, in plain text even where TLS protects them.</summary>
internal sealed class Recorder : IDisposable
{
    // Guards the writer: connections are recorded by several threads.
    private readonly Lock _lock = new();
    private readonly PcapngWriter _writer;
    private readonly TimeProvider _clock;
    private readonly Action<string> _failed;
    private int _conversations;
    private bool _hasFailed;

    public Recorder(Stream output, TimeProvider clock, Action<string> failed) => (_writer, _clock, _failed) = (new PcapngWriter(output), clock, failed);

    /// <summary>Creates a file.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="isShared">Whether to append to the recording of a process that still runs.</param>
    /// <param name="failed">Hears when and why the file takes nothing more, such as on a full disk: what is relayed does not depend on it.</param>
    public static Recorder Create(string path, bool isShared, Action<string> failed) => new(RecordingFile.Create(path, isShared), TimeProvider.System, failed)
    {
        // The conversations of both have ends of their own.
        _conversations = isShared ? Random.Shared.Next(60_000) : 0,
    };

    /// <summary>Begins the recording of a connection. Ends without an IP address get one that says nothing but keeps conversations apart.</summary>
    public ConversationRecorder Begin(Link client)
    {
        int number = Interlocked.Increment(ref _conversations);
        IPEndPoint source = client.Connection?.RemoteEndPoint as IPEndPoint
            ?? (IPEndPoint.TryParse(client.Name, out IPEndPoint? named) ? named : new IPEndPoint(IPAddress.Loopback, 1024 + (number % 60_000)));
        IPEndPoint destination = client.LocalEndPoint as IPEndPoint ?? new IPEndPoint(IPAddress.Any, 1);
        if (destination.Address.Equals(IPAddress.Any) || destination.Address.Equals(IPAddress.IPv6Any))
        {
            // A datagram socket that is bound to all addresses does not say to which one a peer sends.
            destination = new IPEndPoint(SameFamily(source), destination.Port);
        }

        return new ConversationRecorder(this, Plain(source), Plain(destination), isDatagrams: client is PeerLink);
    }

    public void Write(byte[] packet)
    {
        lock (_lock)
        {
            if (_hasFailed)
            {
                return;
            }

            try
            {
                _writer.Write(_clock.GetUtcNow().UtcDateTime, packet);
            }
            catch (IOException exception)
            {
                _hasFailed = true;
                _failed(exception.Message);
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _writer.Dispose();
        }
    }

    private static IPAddress SameFamily(IPEndPoint other) =>
        other.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork || other.Address.IsIPv4MappedToIPv6 ? IPAddress.Loopback : IPAddress.IPv6Loopback;

    private static IPEndPoint Plain(IPEndPoint endPoint) =>
        endPoint.Address.IsIPv4MappedToIPv6 ? new IPEndPoint(endPoint.Address.MapToIPv4(), endPoint.Port) : endPoint;
}
