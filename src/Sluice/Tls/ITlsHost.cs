using System.Net;
using Sluice.Scheduling;

namespace Sluice.Tls;

/// <summary>The connection that a TLS session is on.</summary>
internal interface ITlsHost
{
    /// <summary>Where what waits on the connection goes on.</summary>
    IScheduler Scheduler { get; }

    EndPoint RemoteEndPoint { get; }

    /// <summary>Cuts the connection.</summary>
    void Abort();
}
