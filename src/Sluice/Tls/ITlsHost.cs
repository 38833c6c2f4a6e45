using System.Net;
using Sluice.Options;
using Sluice.Scheduling;

namespace Sluice.Tls;

/// <summary>Represents the connection of a TLS session.</summary>
internal interface ITlsHost
{
    /// <summary>The scheduler of continuations on the connection.</summary>
    IScheduler Scheduler { get; }

    EndPoint RemoteEndPoint { get; }

    /// <summary>The name of the peer in messages.</summary>
    string PeerName => SocketErrors.Describe(RemoteEndPoint);

    /// <summary>Aborts the connection.</summary>
    void Abort();
}
