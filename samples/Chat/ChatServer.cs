using System.Diagnostics.Metrics;
using Sluice;

namespace Chat;

/// <summary>Serves a chat: a line of text goes to the others in the room, a line that begins with a slash is a command.</summary>
internal sealed class ChatServer
{
    public static readonly TimeSpan IdleTimeout = TimeSpan.FromMinutes(10);

    private static readonly LineReadOptions s_lines = new() { MaxLength = 500 };

    // To watch it: dotnet-counters monitor --name Chat --counters Chat,Sluice
    private static readonly Counter<long> s_messages = new Meter("Chat").CreateCounter<long>("chat.messages");

    // Its lock guards the rooms, too. A post never waits, so the lock is held for a moment only.
    private readonly Dictionary<string, Member> _members = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, Room> _rooms = new(StringComparer.OrdinalIgnoreCase);

    public async Task HandleAsync(Connection connection, CancellationToken cancellationToken)
    {
        Member? member = null;
        try
        {
            connection.Outbox.PostLine("Your name?");
            while (await connection.Input.ReadLineAsync(s_lines, connection.Stopping) is { } line && line.Trim() != "/quit")
            {
                lock (_members)
                {
                    if (member is not null)
                    {
                        Handle(member, line.Trim());
                    }
                    else if (IsFree(line.Trim()))
                    {
                        member = new Member(line.Trim(), connection);
                        _members.Add(member.Name, member);
                        Join(member, "lobby");
                    }
                    else
                    {
                        connection.Outbox.PostLine("* A name has 1 to 20 letters and digits, and belongs to one member. Your name?");
                    }
                }
            }
        }
        catch (OperationCanceledException) when (connection.Stopping.IsCancellationRequested)
        {
            connection.Outbox.PostLine("* The server stops. Goodbye.");
        }
        catch (IOException exception) when (exception.InnerException is TimeoutException)
        {
            connection.Outbox.PostLine($"* You said nothing for {IdleTimeout.TotalMinutes} minutes. Goodbye.");
        }
        finally
        {
            lock (_members)
            {
                if (member is not null)
                {
                    _members.Remove(member.Name);
                    Leave(member);
                }
            }
        }
    }

    private bool IsFree(string name) => name.Length is >= 1 and <= 20 && name.All(char.IsLetterOrDigit) && !_members.ContainsKey(name);

    private void Handle(Member member, string line)
    {
        switch (line.Split(' ', 3, StringSplitOptions.RemoveEmptyEntries))
        {
            case []:
                break;
            case ["/who"]:
                IEnumerable<string> names = _members.Values.Where(other => other.Room == member.Room).Select(other => other.Name).Order();
                member.Connection.Outbox.PostLine($"* In {member.Room!.Name}: {string.Join(", ", names)}");
                break;
            case ["/join", { Length: <= 20 } name]:
                Leave(member);
                Join(member, name);
                break;
            case ["/tell", var whom, var text] when _members.TryGetValue(whom, out Member? other):
                other.Connection.Outbox.PostLine($"{member.Name} (to you): {text}");
                break;
            case [['/', ..], ..]:
                member.Connection.Outbox.PostLine("* /join ROOM, /who, /tell NAME TEXT, /quit");
                break;
            default:
                s_messages.Add(1);
                member.Room!.Connections.BroadcastLine($"{member.Name}: {line}", except: member.Connection);
                break;
        }
    }

    private void Join(Member member, string name)
    {
        if (!_rooms.TryGetValue(name, out Room? room))
        {
            _rooms.Add(name, room = new Room(name));
        }

        member.Room = room;
        room.Members++;
        room.Connections.Add(member.Connection);
        room.Connections.BroadcastLine($"* {member.Name} has joined {room.Name}.");
    }

    private void Leave(Member member)
    {
        Room room = member.Room!;
        room.Connections.Remove(member.Connection);
        room.Connections.BroadcastLine($"* {member.Name} has left {room.Name}.");
        if (--room.Members == 0)
        {
            _rooms.Remove(room.Name);
        }
    }
}
