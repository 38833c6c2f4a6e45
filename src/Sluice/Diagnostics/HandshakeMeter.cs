using System.Diagnostics;
using System.Security.Authentication;

namespace Sluice.Diagnostics;

/// <summary>Measures and traces one TLS handshake.</summary>
internal readonly struct HandshakeMeter : IDisposable
{
    private readonly SluiceMetrics? _metrics;
    private readonly Activity? _activity;
    private readonly bool _isActive;
    private readonly long _started;

    private HandshakeMeter(SluiceMetrics? metrics)
    {
        _metrics = metrics;
        _activity = Traces.Source.StartActivity("sluice.tls_handshake", ActivityKind.Internal);
        _isActive = metrics?.ActiveTlsHandshakes.Enabled == true;
        _started = metrics?.TlsHandshakeDuration.Enabled == true ? Stopwatch.GetTimestamp() : 0;
        if (_isActive)
        {
            metrics!.ActiveTlsHandshakes.Add(1);
        }
    }

    public static HandshakeMeter Begin(SluiceMetrics? metrics) => new(metrics);

    /// <summary>Ends the measurement when the handshake is done or has failed.</summary>
    public void End(SslProtocols? protocol, Exception? failure)
    {
        if (_isActive)
        {
            _metrics!.ActiveTlsHandshakes.Add(-1);
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

            _metrics!.TlsHandshakeDuration.Record(Stopwatch.GetElapsedTime(_started).TotalSeconds, tags);
        }
    }

    public void Dispose() => _activity?.Dispose();

    private static (string Name, string? Version) Version(SslProtocols protocol) => protocol switch
    {
        SslProtocols.Tls12 => ("tls", "1.2"),
        SslProtocols.Tls13 => ("tls", "1.3"),
        _ => ("tls", null),
    };
}
