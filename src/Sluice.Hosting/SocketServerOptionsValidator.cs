using Microsoft.Extensions.Options;

namespace Sluice.Hosting;

/// <summary>Says all that is wrong with a server's options, before it starts and before a reload is taken.</summary>
internal sealed class SocketServerOptionsValidator(SocketServerRegistration registration) : IValidateOptions<SocketServerOptions>
{
    public ValidateOptionsResult Validate(string? name, SocketServerOptions options)
    {
        // A reload is the server's own affair: a failure here would be thrown at whoever watches the configuration, and end the process.
        if (name != registration.Name || registration.IsRunning)
        {
            return ValidateOptionsResult.Skip;
        }

        List<string> wrong = [.. Problems(registration, options).Select(problem => $"Socket server '{name}': {problem}")];
        return wrong.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(wrong);
    }

    /// <summary>All that is wrong.</summary>
    public static IEnumerable<string> Problems(SocketServerRegistration registration, SocketServerOptions options)
    {
        if (options.EndPoints.Count == 0)
        {
            yield return "it has no end point.";
        }

        if (options.MaxConnections <= 0 || options.MaxConnectionsPerAddress <= 0)
        {
            yield return "MaxConnections and MaxConnectionsPerAddress have to be at least 1.";
        }

        if (options.Grace < TimeSpan.Zero && options.Grace != Timeout.InfiniteTimeSpan)
        {
            yield return "Grace is negative.";
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
            yield return $"'{endPoint.Url}' is none of tcp://HOST:PORT, tls://HOST:PORT, udp://HOST:PORT and unix:PATH.";
            yield break;
        }

        if (url.Kind == EndPointKind.Udp ? registration.Datagrams is null : registration.Connections is null)
        {
            yield return url.Kind == EndPointKind.Udp ? "nobody handles datagrams: call HandleDatagrams." : "nobody handles connections: call Handle.";
        }

        if (endPoint.Backlog <= 0)
        {
            yield return "Backlog has to be at least 1.";
        }

        if (endPoint.SocketTimeout is { } timeout && timeout <= TimeSpan.Zero)
        {
            yield return "SocketTimeout has to be more than nothing.";
        }

        if (endPoint.HandshakeTimeout <= TimeSpan.Zero && endPoint.HandshakeTimeout != Timeout.InfiniteTimeSpan)
        {
            yield return "HandshakeTimeout has to be more than nothing.";
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
            yield return "TLS needs a Certificate with a Path.";
            yield break;
        }

        if (!File.Exists(certificate.Path))
        {
            yield return $"the certificate '{certificate.Path}' is not there.";
        }

        if (certificate.KeyPath is { Length: > 0 } key && !File.Exists(key))
        {
            yield return $"the key '{key}' is not there.";
        }

        if (certificate.Interval <= TimeSpan.Zero)
        {
            yield return "the certificate's Interval has to be more than nothing.";
        }
    }
}
