using System.Globalization;

namespace Sluice.Cli.Top;

/// <summary>A socket, and its bytes per second.</summary>
/// <param name="Socket">The socket.</param>
/// <param name="In">Received bytes per second.</param>
/// <param name="Out">Sent bytes per second.</param>
internal sealed record TopRow(TopSocket Socket, double In, double Out)
{
    private static readonly string[] s_units = ["B", "kB", "MB", "GB", "TB"];

    public static string Title => $" {"kind",-11} {"local",-22} {"remote",-22} {"in/s",9} {"out/s",9} {"in",9} {"out",9}  waits for";

    public static TopRow Of(TopSocket socket, TopSocket? before, double seconds) => new(
        socket,
        Math.Max(0, socket.Received - (before?.Received ?? socket.Received)) / seconds,
        Math.Max(0, socket.Sent - (before?.Sent ?? socket.Sent)) / seconds);

    /// <summary>Formats a number of bytes with a unit.</summary>
    public static string Bytes(double count)
    {
        int unit = 0;
        while (count >= 1000 && unit < s_units.Length - 1)
        {
            count /= 1000;
            unit++;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{(unit == 0 || count >= 100 ? $"{count:0}" : $"{count:0.0}")} {s_units[unit]}");
    }

    public bool Matches(string filter) => $"{Socket.Key} {Socket.Tls} {Socket.WaitsFor}".Contains(filter, StringComparison.OrdinalIgnoreCase);

    /// <summary>Gets all that is known about the socket, a line each.</summary>
    public IEnumerable<string> Details() =>
    [
        $"kind       {Socket.Kind}",
        $"local      {Socket.Local}",
        $"remote     {Socket.Remote}",
        $"TLS        {(Socket.Tls.Length == 0 ? "none" : Socket.Tls)}",
        $"loop       {Socket.Loop?.ToString(CultureInfo.InvariantCulture) ?? "none"}",
        $"received   {Bytes(Socket.Received)}, {Bytes(In)}/s",
        $"sent       {Bytes(Socket.Sent)}, {Bytes(Out)}/s",
        $"waits for  {Wait()}",
    ];

    public override string ToString() =>
        $"{Socket.Kind,-11} {Socket.Local,-22} {Socket.Remote,-22} {Bytes(In),9} {Bytes(Out),9} {Bytes(Socket.Received),9} {Bytes(Socket.Sent),9}  {Wait()}";

    private string Wait() => Socket.WaitsFor.Length == 0 ? "nothing"
        : Socket.WaitsSince is { } since ? string.Create(CultureInfo.InvariantCulture, $"{Socket.WaitsFor}, {since.TotalSeconds:0.0} s")
        : Socket.WaitsFor;
}
