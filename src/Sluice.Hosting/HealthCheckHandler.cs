using System.Buffers;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Sluice.Proxying;

namespace Sluice.Hosting;

/// <summary>
/// Answers one HTTP request with the health of the host. A probe that only connects, that sends a PROXY header or something else than HTTP, or that leaves
/// before the answer, is no failure.
/// </summary>
internal sealed class HealthCheckHandler(HealthCheckService checks, IHostApplicationLifetime lifetime, HostStop stop)
{
    private const int MaxHeaders = 100;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);
    private static readonly LineReadOptions s_lines = new() { MaxLength = 8 * 1024 };

    public async Task HandleAsync(Connection connection, Func<HealthCheckRegistration, bool>? predicate, CancellationToken cancellationToken)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        enough.CancelAfter(s_patience);
        try
        {
            await SkipProxyHeaderAsync(connection.Input, enough.Token).ConfigureAwait(false);
            if (await ReadMethodAsync(connection.Input, enough.Token).ConfigureAwait(false) is { } method)
            {
                (string status, string body) = await CheckAsync(predicate, enough.Token).ConfigureAwait(false);
                string head = $"HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {body.Length}\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n";
                await connection.Output.WriteStringAsync(method == "HEAD" ? head : head + body, cancellationToken: enough.Token).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception is IOException or FormatException or InvalidDataException or OperationCanceledException)
        {
            // The load balancer takes a closed connection for a failed check.
        }
    }

    // The method of a POST begins like a header of version 1, and a header of version 2 with empty lines.
    private static async ValueTask SkipProxyHeaderAsync(ByteReadChannel input, CancellationToken cancellationToken)
    {
        int wanted = ProxyHeaderFormat.Line.Length;
        while (true)
        {
            ReadOnlySequence<byte> bytes = await input.PeekAsync(wanted, cancellationToken).ConfigureAwait(false);
            if (bytes.Length < wanted || !MayBegin(bytes))
            {
                return;
            }

            if (TryParse(bytes, out int length))
            {
                await input.SkipExactlyAsync(length, cancellationToken).ConfigureAwait(false);
                return;
            }

            wanted = length;
        }
    }

    private static bool MayBegin(in ReadOnlySequence<byte> bytes)
    {
        byte[] start = bytes.Slice(0, Math.Min(bytes.Length, ProxyHeaderFormat.Signature.Length)).ToArray();
        return ProxyHeaderParser.StartsLike(start, ProxyHeaderFormat.Line) || ProxyHeaderParser.StartsLike(start, ProxyHeaderFormat.Signature);
    }

    private static bool TryParse(in ReadOnlySequence<byte> bytes, out int length) =>
        ProxyHeaderParser.TryParse(bytes.ToArray(), ProxyProtocolOptions.DefaultMaxHeaderLength, out _, out length);

    // Null: not HTTP, or the client has left.
    private static async ValueTask<string?> ReadMethodAsync(ByteReadChannel input, CancellationToken cancellationToken)
    {
        string? request = await input.ReadLineAsync(s_lines, cancellationToken).ConfigureAwait(false);
        for (int i = 0; i < MaxHeaders; i++)
        {
            string? header = await input.ReadLineAsync(s_lines, cancellationToken).ConfigureAwait(false);
            if (header is null)
            {
                return null;
            }

            if (header.Length == 0)
            {
                return request?.Split(' ') is [var method, _, ['H', 'T', 'T', 'P', '/', '1', '.', ..]] ? method : null;
            }
        }

        return null;
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
