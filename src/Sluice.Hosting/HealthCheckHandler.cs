using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Sluice.Options;

namespace Sluice.Hosting;

/// <summary>
/// Answers one HTTP request with the health of the host. A probe that only connects, that sends a PROXY header or something else than HTTP, or that leaves
/// before the answer, is no failure.
/// </summary>
internal sealed class HealthCheckHandler(HealthCheckService checks, IHostApplicationLifetime lifetime, HostStop stop)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    public async Task HandleAsync(Connection connection, Func<HealthCheckRegistration, bool>? predicate, CancellationToken cancellationToken)
    {
        using Deadline enough = SafeDeadline.Create(s_patience, stop.TimeProvider, cancellationToken);
        using CancellationTokenRegistration closing = enough.Token.UnsafeRegister(static input => ((ByteReadChannel)input!).Cancel(), connection.Input);
        try
        {
            // With the token of the stop, a client that only connects does not hold it up, and a request that has arrived is answered.
            if (await HealthRequest.ReadMethodAsync(connection.Input, connection.Stopping).ConfigureAwait(false) is { } method)
            {
                (string status, string body) = await CheckAsync(predicate, enough.Token).ConfigureAwait(false);
                string head = $"HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {body.Length}\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n";
                await connection.Output.WriteStringAsync(method == "HEAD" ? head : head + body, cancellationToken: enough.Token).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception
            is IOException or FormatException or InvalidDataException or OperationCanceledException or ObjectDisposedException)
        {
            // The load balancer takes a closed connection for a failed check.
        }
    }

    private async Task<(string Status, string Body)> CheckAsync(Func<HealthCheckRegistration, bool>? predicate, CancellationToken cancellationToken)
    {
        if (stop.HasBegun || !lifetime.ApplicationStarted.IsCancellationRequested)
        {
            return ("503 Service Unavailable", stop.HasBegun ? "Stopping" : "Starting");
        }

        HealthReport report = await checks.CheckHealthAsync(predicate, cancellationToken).ConfigureAwait(false);
        return (report.Status == HealthStatus.Unhealthy ? "503 Service Unavailable" : "200 OK", $"{report.Status}");
    }
}
