using Microsoft.Extensions.Options;

namespace Sluice.Hosting;

/// <summary>Lists every problem of a server's options, before it starts and before it applies a reload.</summary>
internal sealed class SocketServerOptionsValidator(SocketServerRegistration registration) : IValidateOptions<SocketServerOptions>
{
    private static readonly TimeSpan s_maxDrainDelay = TimeSpan.FromDays(1);

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

        if (options.Grace < TimeSpan.Zero && options.Grace != Timeout.InfiniteTimeSpan)
        {
            yield return "Grace must not be negative.";
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

    private static IEnumerable<string> Problems(SocketServerRegistration registration, SocketEndPointOptions endPoint)
    {
        if (EndPointUrl.TryParse(endPoint.Url) is not { } url)
        {
            yield return $"'{endPoint.Url}' is not a valid URL; use tcp://HOST:PORT, tls://HOST:PORT, udp://HOST:PORT or unix:PATH.";
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

        if (endPoint.SocketTimeout is { } timeout && timeout <= TimeSpan.Zero)
        {
            yield return "SocketTimeout must be positive.";
        }

        if (endPoint.HandshakeTimeout <= TimeSpan.Zero && endPoint.HandshakeTimeout != Timeout.InfiniteTimeSpan)
        {
            yield return "HandshakeTimeout must be positive.";
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

        if (certificate.Interval <= TimeSpan.Zero)
        {
            yield return "the certificate's Interval must be positive.";
        }
    }
}
