using System.Text;

namespace Resp;

/// <summary>The commands by name, in any case.</summary>
internal static class CommandTable
{
    private static readonly Dictionary<byte[], (int Arguments, Action<Session, Command, Reply> Run)> s_commands = new(BytesComparer.IgnoreCase);

    private static readonly Dictionary<byte[], (int Arguments, Action<Session, Command, Reply> Run)>.AlternateLookup<ReadOnlySpan<byte>> s_lookup;

    static CommandTable()
    {
        ServerCommands.AddTo(s_commands.Add);
        KeyCommands.AddTo(s_commands.Add);
        StringCommands.AddTo(s_commands.Add);
        ListCommands.AddTo(s_commands.Add);
        HashCommands.AddTo(s_commands.Add);
        TopicCommands.AddTo(s_commands.Add);
        s_lookup = s_commands.GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    /// <summary>Runs a command. A number of arguments below 0 is the least of them, as Redis counts: with the name.</summary>
    public static void Run(Session session, Command command, Reply reply)
    {
        if (!s_lookup.TryGetValue(command[0], out var found))
        {
            reply.Error($"ERR unknown command '{Printable(command[0])}'");
        }
        else if (found.Arguments < 0 ? command.Count < -found.Arguments : command.Count != found.Arguments)
        {
            reply.Error($"ERR wrong number of arguments for '{Printable(command[0])}' command");
        }
        else
        {
            found.Run(session, command, reply);
        }
    }

    private static void Add(
        this Dictionary<byte[], (int Arguments, Action<Session, Command, Reply> Run)> commands, string name, int arguments, Action<Session, Command, Reply> run) =>
        commands.Add(Encoding.ASCII.GetBytes(name), (arguments, run));

    // What comes back must not end the line, nor be long.
    private static string Printable(ReadOnlySpan<byte> name) =>
        string.Concat(Encoding.Latin1.GetString(name[..Math.Min(name.Length, 64)]).Select(letter => char.IsControl(letter) ? '?' : letter)).ToLowerInvariant();
}
