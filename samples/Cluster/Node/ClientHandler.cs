using System.Globalization;
using System.Security.Cryptography;
using Cluster.Grains;
using Cluster.Store;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.Retry;
using Sluice;
using Sluice.Hosting;

namespace Cluster.Node;

/// <summary>
/// Serves one connection. A client sends <c>HELLO [TOKEN]</c>, <c>JOIN ROOM NUMBER</c>, <c>LEAVE ROOM</c>, <c>SEND ROOM ID TEXT</c> and <c>PING</c>; it gets
/// <c>WELCOME TOKEN NODE ROOM…</c>, <c>JOINED ROOM</c>, <c>ACK ROOM ID</c>, <c>MSG ROOM NUMBER TEXT</c> and <c>PONG</c>. <c>BYE</c> says to connect again.
/// </summary>
internal sealed partial class ClientHandler(LocalRooms rooms, IGrainFactory grains, NodeOptions node, ILogger<ClientHandler> logger) : ISocketHandler
{
    private static readonly LineReadOptions s_lines = new() { MaxLength = 4000 };

    // A room whose node has died is away until the others have noticed. Each call may be repeated.
    private static readonly ResiliencePipeline s_retries = new ResiliencePipelineBuilder()
        .AddTimeout(TimeSpan.FromSeconds(10))
        .AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = arguments => ValueTask.FromResult(arguments.Outcome.Exception is not (null or OperationCanceledException)),
            MaxRetryAttempts = int.MaxValue,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            Delay = TimeSpan.FromMilliseconds(50),
            MaxDelay = TimeSpan.FromMilliseconds(500),
        })
        .Build();

    private Connection _client = null!;
    private Guid _id;
    private string? _token;

    public async Task HandleAsync(Connection connection, CancellationToken cancellationToken)
    {
        _client = connection;
        _id = rooms.Add(connection);
        try
        {
            while (await connection.Input.ReadLineAsync(s_lines, connection.Stopping) is { } line)
            {
                if (!await HandleAsync(line.Split(' ', 4), cancellationToken))
                {
                    connection.Outbox.PostLine("ERR");
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (connection.Stopping.IsCancellationRequested)
        {
            connection.Outbox.PostLine("BYE");
        }
        catch (Exception exception) when (!connection.IsPeerFault(exception))
        {
            LogUnavailable(exception.Message);
            connection.Outbox.PostLine("BYE");
        }
        finally
        {
            rooms.Remove(_id);
        }
    }

    private Task<bool> HandleAsync(string[] command, CancellationToken cancellationToken) => command switch
    {
        ["PING"] => Task.FromResult(_client.Outbox.PostLine("PONG")),
        ["HELLO"] when _token is null => HelloAsync(RandomNumberGenerator.GetHexString(32), create: true, cancellationToken),
        ["HELLO", { Length: 32 } token] when _token is null => HelloAsync(token, create: false, cancellationToken),
        _ when _token is null => Task.FromResult(false),
        ["JOIN", var room, var number] when IsName(room) && TryParse(number, out long after) => JoinAsync(room, after, cancellationToken),
        ["LEAVE", var room] when IsName(room) => LeaveAsync(room, cancellationToken),
        ["SEND", var room, var number, var text] when IsName(room) && TryParse(number, out long id) => SendAsync(room, id, text, cancellationToken),
        _ => Task.FromResult(false),
    };

    private async Task<bool> HelloAsync(string token, bool create, CancellationToken cancellationToken)
    {
        string[]? joined = await CallAsync(() => Session(token).AttachAsync(rooms.Reference, _id, create), cancellationToken);
        _token = joined is null ? null : token;
        return joined is null
            ? _client.Outbox.PostLine("UNKNOWN")
            : _client.Outbox.PostLine($"WELCOME {token} {node.Name} {string.Join(' ', joined)}");
    }

    private async Task<bool> JoinAsync(string room, long after, CancellationToken cancellationToken)
    {
        await CallAsync(() => Session(_token!).JoinAsync(room), cancellationToken);
        await rooms.JoinAsync(room, _client, after, cancellationToken);
        return true;
    }

    private async Task<bool> LeaveAsync(string room, CancellationToken cancellationToken)
    {
        rooms.Leave(room, _client);
        await CallAsync(() => Session(_token!).LeaveAsync(room), cancellationToken);
        return true;
    }

    // One message at a time, so that they are stored in the order in which they came. The client need not wait for the acknowledgement to send more.
    private async Task<bool> SendAsync(string room, long id, string text, CancellationToken cancellationToken)
    {
        AppendResult result = await CallAsync(() => grains.GetGrain<IRoomGrain>(room).PublishAsync(_token!, id, text), cancellationToken);
        return result != AppendResult.Skipped && _client.Outbox.PostLine($"ACK {room} {id}");
    }

    private ISessionGrain Session(string token) => grains.GetGrain<ISessionGrain>(token);

    private static bool IsName(string room) => room.Length is >= 1 and <= 20 && room.All(char.IsAsciiLetterOrDigit);

    private static bool TryParse(string text, out long number) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private static async Task CallAsync(Func<Task> call, CancellationToken cancellationToken) =>
        await s_retries.ExecuteAsync(async _ => await call(), cancellationToken);

    private static async Task<T> CallAsync<T>(Func<Task<T>> call, CancellationToken cancellationToken) =>
        await s_retries.ExecuteAsync(async _ => await call(), cancellationToken);

    [LoggerMessage(1, LogLevel.Warning, "A client is sent to another node: {Reason}")]
    private partial void LogUnavailable(string reason);
}
