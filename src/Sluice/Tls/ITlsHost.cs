using System.Net;
using Sluice.Scheduling;

namespace Sluice.Tls;

/// <summary>Represents the connection of a TLS session.</summary>
internal interface ITlsHost
{
    /// <summary>The scheduler of continuations on the connection.</summary>
    IScheduler Scheduler { get; }

    EndPoint RemoteEndPoint { get; }

    /// <summary>Aborts the connection.</summary>
    void Abort();
}
