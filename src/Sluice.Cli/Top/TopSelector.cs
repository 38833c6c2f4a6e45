using System.Text.Json;

namespace Sluice.Cli.Top;

/// <summary>A selector manager of the server.</summary>
/// <param name="Engine">Its engine.</param>
/// <param name="SocketCount">The number of its sockets, of which the page may leave some out.</param>
/// <param name="Loops">Its event loops.</param>
/// <param name="Sockets">Its sockets.</param>
internal sealed record TopSelector(string Engine, int SocketCount, IReadOnlyList<TopLoop> Loops, IReadOnlyList<TopSocket> Sockets)
{
    public static TopSelector Of(JsonElement json) => new(
        json.GetProperty("engine").GetString() ?? string.Empty,
        json.GetProperty("socketCount").GetInt32(),
        [.. json.GetProperty("loops").EnumerateArray().Select(TopLoop.Of)],
        [.. json.GetProperty("sockets").EnumerateArray().Select(TopSocket.Of)]);
}
