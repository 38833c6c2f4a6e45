using System.Buffers;
using System.IO.Pipelines;
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
        PipeReader reader = connection.Input.AsPipeReader();
        try
        {
            ReadResult read;
            do
            {
                read = await reader.ReadAsync(connection.Stopping);
                ReadOnlySequence<byte> rest = await RunAsync(read.Buffer, cancellationToken);
                reader.AdvanceTo(rest.Start, rest.End);
            }
            while (!read.IsCompleted && !_quits);
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

    // Runs all commands that are complete, and answers them together. Returns the beginning of the next one.
    private async ValueTask<ReadOnlySequence<byte>> RunAsync(ReadOnlySequence<byte> bytes, CancellationToken cancellationToken)
    {
        while (!_quits && TryRunNext(ref bytes))
        {
            if (_reply.Written.Length > 16 * 1024)
            {
                await SendAsync(cancellationToken);
            }
        }

        await SendAsync(cancellationToken);
        return bytes;
    }

    private bool TryRunNext(ref ReadOnlySequence<byte> bytes)
    {
        if (bytes.IsEmpty || !_decoder.TryDecode(new FrameInput(bytes), out Command command, out long consumed))
        {
            return bytes.Length > _decoder.MaxBuffered ? throw new InvalidDataException("the command is too long") : false;
        }

        Run(command);
        bytes = bytes.Slice(consumed);
        return true;
    }

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
            // Replies to a subscriber keep their place between the messages, which go through the outbox, unless they are very long.
            ValueTask sending = Subscriptions.WereUsed && _reply.Written.Length < connection.Outbox.Capacity / 2
                ? connection.Outbox.PostAsync(_reply.Written, cancellationToken)
                : connection.Output.WriteAsync(_reply.Written, cancellationToken);
            await sending;
            _reply.Clear();
        }
    }
}
