using System.Diagnostics;
using System.Security.Authentication;

namespace Sluice.Diagnostics;

/// <summary>Measures and traces one TLS handshake. What a listener throws is logged: the handshake goes on.</summary>
internal readonly struct HandshakeMeter : IDisposable
{
    private readonly IObserved _connection;
    private readonly Activity? _activity;
    private readonly bool _isActive;
    private readonly long _started;

    private HandshakeMeter(IObserved connection)
    {
        _connection = connection;
        _isActive = connection.Metrics?.ActiveTlsHandshakes.Enabled == true;
        _started = connection.Metrics?.TlsHandshakeDuration.Enabled == true ? Stopwatch.GetTimestamp() : 0;
        try
        {
            _activity = Traces.Source.StartActivity("sluice.tls_handshake", ActivityKind.Internal);
            if (_isActive)
            {
                connection.Metrics!.ActiveTlsHandshakes.Add(1);
            }
        }
        catch (Exception exception)
        {
            connection.ReportObserverFailure(exception);
        }
    }

    public static HandshakeMeter Begin(IObserved connection) => new(connection);

    /// <summary>Ends the measurement when the handshake is done or has failed.</summary>
    public void End(SslProtocols? protocol, Exception? failure)
    {
        try
        {
            EndMeasurement(protocol, failure);
        }
        catch (Exception exception)
        {
            _connection.ReportObserverFailure(exception);
        }
    }

    public void Dispose()
    {
        try
        {
            _activity?.Dispose();
        }
        catch (Exception exception)
        {
            _connection.ReportObserverFailure(exception);
        }
    }

    private void EndMeasurement(SslProtocols? protocol, Exception? failure)
    {
        if (_isActive)
        {
            _connection.Metrics!.ActiveTlsHandshakes.Add(-1);
        }

        (string? name, string? version) = protocol is { } agreed ? Version(agreed) : default;
        if (_activity is not null)
        {
            _activity.SetTag("tls.protocol.name", name);
            _activity.SetTag("tls.protocol.version", version);
            Traces.Fail(_activity, failure);
        }

        if (_started != 0)
        {
            var tags = default(TagList);
            if (name is not null)
            {
                tags.Add("tls.protocol.name", name);
                tags.Add("tls.protocol.version", version);
            }

            if (failure is not null)
            {
                tags.Add("error.type", SluiceMetrics.ErrorType(failure));
            }

            _connection.Metrics!.TlsHandshakeDuration.Record(Stopwatch.GetElapsedTime(_started).TotalSeconds, tags);
        }
    }

    private static (string Name, string? Version) Version(SslProtocols protocol) => protocol switch
    {
        SslProtocols.Tls12 => ("tls", "1.2"),
        SslProtocols.Tls13 => ("tls", "1.3"),
        _ => ("tls", null),
    };
}
