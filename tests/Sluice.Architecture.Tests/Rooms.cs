namespace Sluice.Tests.Architecture;

/// <summary>The rooms of <c>src/Sluice</c>: its top folders, lowest first. A room may name only those before it.</summary>
internal static class Rooms
{
    public const string Root = "root";

    private static readonly string[] s_lowestFirst =
    [
        "Options", "Scheduling", "Diagnostics", "Channels", "Datagrams", "Engine", "Tls", "Sockets", "Proxying", "Connecting", "Serving", Root,
    ];

    public static IReadOnlyList<string> LowestFirst => s_lowestFirst;

    /// <summary>Gets the room that a file stands in; the path is one inside <c>src/Sluice</c>.</summary>
    public static string Of(string file) => file.IndexOf('/', StringComparison.Ordinal) is > 0 and var end ? file[..end] : Root;

    public static int FloorOf(string room) => Array.IndexOf(s_lowestFirst, room);

    public static bool IsIn(string file, string folder) => file.StartsWith(folder + "/", StringComparison.Ordinal);
}
