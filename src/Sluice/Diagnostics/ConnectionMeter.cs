using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Sluice.Diagnostics;

/// <summary>Measures one connection, from its start to its end. Created only if the instruments have listeners when the connection starts.</summary>
internal sealed class ConnectionMeter
{
    private readonly SluiceMetrics _metrics;
    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly bool _isActive;
    private TagList _tags;
    private int _ended;

    private ConnectionMeter(SluiceMetrics metrics, EndPoint remote, IMeteredSocket? listener)
    {
        _metrics = metrics;
        _isActive = metrics.ActiveConnections.Enabled;
        _tags.Add("network.transport", remote.AddressFamily == AddressFamily.Unix ? "unix" : "tcp");
        if (remote is IPEndPoint ip)
        {
            _tags.Add("network.type", ip.AddressFamily == AddressFamily.InterNetwork || ip.Address.IsIPv4MappedToIPv6 ? "ipv4" : "ipv6");
        }

        _tags.Add("sluice.role", listener is null ? "client" : "server");
        if (listener is not null)
        {
            AddServer(ref _tags, listener);
        }
    }

    /// <summary>Begins to measure, if an instrument has listeners. What they throw is logged: the connection is served all the same.</summary>
    /// <param name="metrics">The instruments.</param>
    /// <param name="connection">The connection.</param>
    /// <param name="listener">The listener that accepted the connection; null if it was not accepted.</param>
    /// <param name="logger">The log.</param>
    public static ConnectionMeter? TryBegin(SluiceMetrics metrics, IMeteredSocket connection, IMeteredSocket? listener, ILogger logger)
    {
        ConnectionMeter? meter = null;
        try
        {
            Begin(metrics, connection, listener, ref meter);
        }
        catch (Exception exception)
        {
            logger.ObserverFailed(exception);
        }

        return meter;
    }

    private static void Begin(SluiceMetrics metrics, IMeteredSocket connection, IMeteredSocket? listener, ref ConnectionMeter? meter)
    {
        if (listener is not null && metrics.AcceptedConnections.Enabled)
        {
            var tags = default(TagList);
            AddServer(ref tags, listener);
            metrics.AcceptedConnections.Add(1, tags);
        }

        if (!metrics.ActiveConnections.Enabled && !metrics.ConnectionDuration.Enabled)
        {
            return;
        }

        meter = new ConnectionMeter(metrics, connection.Peer!, listener);
        if (meter._isActive)
        {
            metrics.ActiveConnections.Add(1, meter._tags);
        }
    }

    /// <summary>Ends the measurement when the connection is closed. Idempotent.</summary>
    /// <param name="errorType">The reason, if the end was not regular.</param>
    public void End(string? errorType)
    {
        if (Interlocked.Exchange(ref _ended, 1) != 0)
        {
            return;
        }

        if (_isActive)
        {
            _metrics.ActiveConnections.Add(-1, _tags);
        }

        if (_metrics.ConnectionDuration.Enabled)
        {
            TagList tags = _tags;
            if (errorType is not null)
            {
                tags.Add("error.type", errorType);
            }

            _metrics.ConnectionDuration.Record(Stopwatch.GetElapsedTime(_started).TotalSeconds, tags);
        }
    }

    private static void AddServer(ref TagList tags, IMeteredSocket listener)
    {
        try
        {
            Traces.AddServer(ref tags, listener.LocalEndPoint);
        }
        catch (ObjectDisposedException)
        {
            // The listener was closed before its end point was read.
        }
    }
}
