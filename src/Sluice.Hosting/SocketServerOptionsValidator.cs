using Microsoft.Extensions.Options;
using Sluice.Options;

namespace Sluice.Hosting;

/// <summary>Lists every problem of a server's options, before it starts and before it applies a reload.</summary>
internal sealed class SocketServerOptionsValidator(SocketServerRegistration registration) : IValidateOptions<SocketServerOptions>
{
    private static readonly TimeSpan s_maxDrainDelay = TimeSpan.FromDays(1);
    private static readonly string s_longest = $"{Durations.Longest.TotalDays} days";

    public ValidateOptionsResult Validate(string? name, SocketServerOptions options)
    {
        // The server itself validates a reload. A failure here would be thrown in the configuration's change callback and end the process.
        if (name != registration.Name || registration.IsRunning)
        {
            return ValidateOptionsResult.Skip;
        }

        List<string> wrong = [.. Problems(registration, options).Select(problem => $"Socket server '{name}': {problem}")];
        return wrong.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(wrong);
    }

    /// <summary>Lists every problem.</summary>
    public static IEnumerable<string> Problems(SocketServerRegistration registration, SocketServerOptions options)
    {
        if (options.EndPoints.Count == 0)
        {
            yield return "there is no end point.";
        }

        if (options.MaxConnections <= 0 || options.MaxConnectionsPerAddress <= 0)
        {
            yield return "MaxConnections and MaxConnectionsPerAddress must be at least 1.";
        }

        if (!Durations.IsNotNegative(options.Grace))
        {
            yield return $"Grace must be zero to {s_longest}, or infinite.";
        }

        if (options.DrainDelay < TimeSpan.Zero || options.DrainDelay > s_maxDrainDelay)
        {
            yield return "DrainDelay must be zero to one day.";
        }

        foreach ((string key, SocketEndPointOptions endPoint) in options.EndPoints)
        {
            foreach (string problem in Problems(registration, endPoint))
            {
                yield return $"end point '{key}': {problem}";
            }
        }
    }

    private static IEnumerable<string> Problems(SocketServerRegistration registration, SocketEndPointOptions? endPoint)
    {
        // A configuration in JSON can say null for an end point and for each of its parts.
        if (endPoint?.Url is null || EndPointUrl.TryParse(endPoint.Url) is not { } url)
        {
            yield return $"'{endPoint?.Url}' is not a valid URL; use tcp://HOST:PORT, tls://HOST:PORT, udp://HOST:PORT or unix:PATH.";
            yield break;
        }

        if (url.Kind == EndPointKind.Udp ? registration.Datagrams is null : registration.Connections is null)
        {
            yield return url.Kind == EndPointKind.Udp ? "there is no handler for datagrams; call HandleDatagrams." : "there is no handler for connections; call Handle.";
        }

        if (endPoint.Backlog <= 0)
        {
            yield return "Backlog must be at least 1.";
        }

        if (endPoint.SocketTimeout is { } timeout && !Durations.IsPositive(timeout, allowInfinite: true))
        {
            yield return $"SocketTimeout must be positive and at most {s_longest}, or infinite.";
        }

        if (!Durations.IsPositive(endPoint.HandshakeTimeout, allowInfinite: true))
        {
            yield return $"HandshakeTimeout must be positive and at most {s_longest}, or infinite.";
        }

        if (url.Kind == EndPointKind.Tls)
        {
            foreach (string problem in Problems(endPoint.Certificate))
            {
                yield return problem;
            }
        }
    }

    private static IEnumerable<string> Problems(SocketCertificateOptions? certificate)
    {
        if (string.IsNullOrEmpty(certificate?.Path))
        {
            yield return "a tls end point needs a Certificate with a Path.";
            yield break;
        }

        if (!File.Exists(certificate.Path))
        {
            yield return $"the certificate file '{certificate.Path}' does not exist.";
        }

        if (certificate.KeyPath is { Length: > 0 } key && !File.Exists(key))
        {
            yield return $"the key file '{key}' does not exist.";
        }

        if (!Durations.IsPositive(certificate.Interval, allowInfinite: false))
        {
            yield return $"the certificate's Interval must be positive and at most {s_longest}.";
        }
    }
}
