using System.Net;
using System.Text;
using Sluice.Cli.EndPoints;

namespace Sluice.Cli.Top;

/// <summary>Gets the data of a debug page.</summary>
internal sealed class TopSource : IDisposable
{
    // More than the page itself asks for, and a bound.
    private const int MaxSockets = 10_000;
    private const int MaxResponse = 64 * 1024 * 1024;

    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(10);

    private readonly HttpClient _client;
    private readonly Uri _path;

    public TopSource(Dialer dialer, Address address, string path, string[] headers)
    {
        _path = Parse($"{path.TrimEnd('/')}/data?max={MaxSockets}", UriKind.Relative) ?? throw new ArgumentException($"'{path}' is not the path of a URL; write --path /debug/sluice.");
        Uri server = Parse($"http://{(address.HasPort ? address.HostAndPort : Address.ThisHost)}", UriKind.Absolute) ?? throw new ArgumentException($"'{address}' has no host that a URL can have.");
        var handler = new SocketsHttpHandler
        {
            AutomaticDecompression = DecompressionMethods.None,
            ConnectCallback = async (_, cancellationToken) => (await dialer.OpenAsync(address, cancellationToken)).Connection!.AsStream(ownsConnection: true),
        };

        // TLS, if any, is that of the dialer.
        _client = new HttpClient(handler) { BaseAddress = server, MaxResponseContentBufferSize = MaxResponse, Timeout = s_timeout };
        foreach (string header in headers)
        {
            string[] parts = header.Split(':', 2);
            if (parts.Length < 2 || !_client.DefaultRequestHeaders.TryAddWithoutValidation(parts[0].Trim(), parts[1].Trim()))
            {
                throw new ArgumentException($"'{header}' is not a header; write 'NAME: VALUE'.");
            }
        }
    }

    /// <summary>Gets the data as the server sends it.</summary>
    /// <exception cref="IOException">The server does not answer, or has no debug page there.</exception>
    public async Task<string> ReadTextAsync(CancellationToken cancellationToken)
    {
        try
        {
            using HttpResponseMessage response = await _client.GetAsync(_path, cancellationToken);

            // JSON is UTF-8 (RFC 8259, 8.1), whatever encoding the server names.
            return response.IsSuccessStatusCode
                ? Encoding.UTF8.GetString(await response.Content.ReadAsByteArrayAsync(cancellationToken))
                : throw new IOException($"The server answers {(int)response.StatusCode} {response.ReasonPhrase} to {_path}; --path says where its debug page is.");
        }
        catch (TaskCanceledException exception) when (exception.InnerException is TimeoutException)
        {
            throw new IOException($"The server does not answer within {s_timeout.TotalSeconds} s.", exception);
        }
        catch (HttpRequestException exception)
        {
            throw new IOException((exception.InnerException ?? exception).Message, exception);
        }
    }

    public async Task<TopSnapshot> ReadAsync(CancellationToken cancellationToken) =>
        TopSnapshot.Parse(await ReadTextAsync(cancellationToken), TimeProvider.System.GetTimestamp());

    public void Dispose() => _client.Dispose();

    private static Uri? Parse(string text, UriKind kind) => Uri.TryCreate(text, kind, out Uri? uri) ? uri : null;
}
