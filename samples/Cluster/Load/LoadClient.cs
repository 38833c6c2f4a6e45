using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Sluice;
using Sluice.Client;

namespace Cluster.Load;

/// <summary>
/// A client that is in some rooms, and sends messages to them. It reconnects, says what it has, and sends again what was not acknowledged, with the same ids.
/// </summary>
internal sealed class LoadClient : IAsyncDisposable
{
    private const int MaxPending = 32;

    private readonly string _name;
    private readonly Tally _tally;
    private readonly ReconnectingConnection<ConnectionSession> _server;

    // Guards the fields below.
    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _rooms;
    private readonly Dictionary<string, long> _ids = [];
    private readonly Queue<(string Room, long Id, string Text)> _pending = [];
    private Connection? _connection;
    private string? _token;
    private Outage? _outage;

    public LoadClient(string name, EndPoint server, string[] rooms, Tally tally)
    {
        (_name, _tally) = (name, tally);
        _rooms = rooms.ToDictionary(room => room, _ => 0L);
        _server = ReconnectingConnection.Create(ConnectAsync, [server], OpenAsync, new ReconnectOptions<ConnectionSession>
        {
            OpenTimeout = TimeSpan.FromSeconds(5),
            MinDelay = TimeSpan.FromSeconds(0.1),
            MaxDelay = TimeSpan.FromSeconds(2),
            StableAfter = TimeSpan.FromSeconds(1),
            Heartbeat = PingAsync,
            HeartbeatInterval = TimeSpan.FromSeconds(3),
            HeartbeatTimeout = TimeSpan.FromSeconds(2),
        });
    }

    /// <summary>The node that serves the client.</summary>
    public string? Node { get; private set; }

    /// <summary>The number of its messages that were acknowledged.</summary>
    public int Acknowledged { get; private set; }

    /// <summary>Whether everything is acknowledged, and the client has all messages of its rooms.</summary>
    public bool IsDone
    {
        get
        {
            lock (_lock)
            {
                return _pending.Count == 0 && _rooms.All(room => room.Value == _tally.Last(room.Key));
            }
        }
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    /// <summary>Sends a message to a room, now or when there is a connection.</summary>
    public void Send(int which)
    {
        lock (_lock)
        {
            if (_pending.Count < MaxPending)
            {
                string room = _rooms.Keys.ElementAt(which % _rooms.Count);
                long id = _ids[room] = _ids.GetValueOrDefault(room) + 1;
                _pending.Enqueue((room, id, $"{_name} {room} {id}"));
                _connection?.Outbox.PostLine($"SEND {room} {id} {_name} {room} {id}");
            }
        }
    }

    /// <summary>Begins to measure: the client's node dies now.</summary>
    public Outage BeginOutage()
    {
        lock (_lock)
        {
            return _outage = new Outage();
        }
    }

    private static async ValueTask PingAsync(ConnectionSession session, CancellationToken cancellationToken)
    {
        session.Connection.Outbox.PostLine("PING");
        while (session.IdleTime > TimeSpan.FromSeconds(1))
        {
            await Task.Delay(50, cancellationToken);
        }
    }

    private async ValueTask<Connection> ConnectAsync(EndPoint server, CancellationToken cancellationToken)
    {
        try
        {
            StreamSocket socket = server is UnixDomainSocketEndPoint unix
                ? await SelectorManager.Shared.Unix().ConnectAsync(unix, cancellationToken: cancellationToken)
                : await SelectorManager.Shared.Tcp().ConnectAsync(server, cancellationToken: cancellationToken);
            return socket.OpenConnection();
        }
        catch (SocketException)
        {
            _tally.AddError();
            throw;
        }
    }

    private async ValueTask<ConnectionSession> OpenAsync(Connection connection, CancellationToken cancellationToken)
    {
        try
        {
            await connection.Output.WriteLineAsync($"HELLO {_token}".TrimEnd(), cancellationToken);
            string? answer = await connection.Input.ReadLineAsync(cancellationToken);
            if (answer?.Split(' ') is not ["WELCOME", var token, var node, ..])
            {
                throw new IOException($"A welcome was expected instead of '{answer}'.");
            }

            lock (_lock)
            {
                (_token, Node) = (token, node);
                _outage?.NoteGreeting();
            }

            return ConnectionSession.Start(connection, RunAsync);
        }
        catch (IOException)
        {
            _tally.AddError();
            throw;
        }
    }

    private async Task RunAsync(Connection connection, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _connection = connection;
            foreach ((string room, long number) in _rooms)
            {
                connection.Outbox.PostLine($"JOIN {room} {number}");
            }

            foreach ((string room, long id, string text) in _pending)
            {
                connection.Outbox.PostLine($"SEND {room} {id} {text}");
            }
        }

        try
        {
            string? line;
            while ((line = await connection.Input.ReadLineAsync(cancellationToken)) is not (null or "BYE"))
            {
                Take(line);
            }

            if (line is null)
            {
                _tally.AddError();
            }
        }
        catch (IOException)
        {
            _tally.AddError();
            throw;
        }
        finally
        {
            lock (_lock)
            {
                _connection = _connection == connection ? null : _connection;
            }
        }
    }

    private void Take(string line)
    {
        lock (_lock)
        {
            switch (line.Split(' ', 4))
            {
                case ["ACK", var room, var id] when _pending.TryPeek(out var sent) && sent.Room == room && sent.Id == Parse(id):
                    _pending.Dequeue();
                    Acknowledged++;
                    _tally.Acknowledge(sent.Text);
                    _outage?.NoteAcknowledgement();
                    break;
                case ["MSG", var room, var number, var text]:
                    _tally.Receive(room, _rooms[room], Parse(number), text);
                    _rooms[room] = Math.Max(_rooms[room], Parse(number));
                    break;
                case ["JOINED", _] or ["PONG"]:
                    break;
                default:
                    throw new InvalidDataException($"'{line}' was not expected.");
            }
        }
    }

    private static long Parse(string number) => long.Parse(number, CultureInfo.InvariantCulture);
}
