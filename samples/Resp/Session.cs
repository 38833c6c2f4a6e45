using Sluice;

namespace Resp;

/// <summary>Serves one client: reads commands, runs them, and writes their replies.</summary>
internal sealed class Session(Connection connection, Database database, Topics topics)
{
    private readonly CommandDecoder _decoder = new();
    private readonly Reply _reply = new();
    private bool _quits;

    public Connection Connection => connection;

    public Database Database => database;

    public Topics Topics => topics;

    public Subscriptions Subscriptions { get; } = new();

    public int? Id { get; set; }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            // Commands that have come together are answered together: what a handler writes leaves when it next has to wait.
            await foreach (Command command in connection.Input.ReadFramesAsync(_decoder, connection.Stopping))
            {
                Run(command);
                await SendAsync(cancellationToken);
                if (_quits)
                {
                    return;
                }
            }
        }
        catch (Exception exception) when (exception is InvalidDataException or LimitExceededException)
        {
            _reply.Error($"ERR Protocol error: {exception.Message}");
            await SendAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (connection.Stopping.IsCancellationRequested)
        {
        }
        finally
        {
            topics.Leave(this);
        }
    }

    public void Quit() => _quits = true;

    private void Run(Command command)
    {
        if (command.Count == 0)
        {
            return;
        }

        try
        {
            if (Subscriptions.Count > 0 && _reply.Version == 2 && !TopicCommands.MayRunWhileSubscribed(command))
            {
                _reply.Error("ERR only (P)SUBSCRIBE / (P)UNSUBSCRIBE / PING / QUIT are allowed in this context");
                return;
            }

            lock (database.Lock)
            {
                CommandTable.Run(this, command, _reply);
            }
        }
        catch (RespException exception)
        {
            _reply.Error(exception.Message);
        }
    }

    private async ValueTask SendAsync(CancellationToken cancellationToken)
    {
        if (_reply.Written.Length > 0)
        {
            // Replies to a subscriber keep their place between the messages, which go through the outbox.
            ValueTask sending = Subscriptions.WereUsed
                ? connection.Outbox.PostAsync(_reply.Written, cancellationToken)
                : connection.Output.WriteAsync(_reply.Written, cancellationToken);
            await sending;
            _reply.Clear();
        }
    }
}
