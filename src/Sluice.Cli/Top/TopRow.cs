using System.Globalization;
using Sluice.Cli.Output;

namespace Sluice.Cli.Top;

/// <summary>A socket, and its bytes per second.</summary>
/// <param name="Socket">The socket.</param>
/// <param name="In">Received bytes per second.</param>
/// <param name="Out">Sent bytes per second.</param>
internal sealed record TopRow(TopSocket Socket, double In, double Out)
{
    public static string Title => $" {"kind",-11} {"local",-22} {"remote",-22} {"in/s",9} {"out/s",9} {"in",9} {"out",9}  waits for";

    /// <summary>Gets the title of <see cref="ToNarrowString"/>.</summary>
    public static string NarrowTitle => $" {"remote",-23} {"in/s",9} {"out/s",9}  waits for";

    public static TopRow Of(TopSocket socket, TopSocket? before, double seconds) => new(
        socket,
        Math.Max(0, socket.Received - (before?.Received ?? socket.Received)) / seconds,
        Math.Max(0, socket.Sent - (before?.Sent ?? socket.Sent)) / seconds);

    public bool Matches(string filter) => $"{Socket.Key} {Socket.Tls} {Socket.WaitsFor}".Contains(filter, StringComparison.OrdinalIgnoreCase);

    /// <summary>Gets all that is known about the socket, a line each.</summary>
    public IEnumerable<string> Details() =>
    [
        $"kind       {Socket.Kind}",
        $"local      {Socket.Local}",
        $"remote     {Socket.Remote}",
        $"TLS        {(Socket.Tls.Length == 0 ? "none" : Socket.Tls)}",
        $"loop       {Socket.Loop?.ToString(CultureInfo.InvariantCulture) ?? "none"}",
        $"received   {Quantity.Text(Socket.Received)}, {Quantity.Text(In)}/s",
        $"sent       {Quantity.Text(Socket.Sent)}, {Quantity.Text(Out)}/s",
        $"waits for  {Wait()}",
    ];

    public override string ToString() =>
        $"{Socket.Kind,-11} {Socket.Local,-22} {Socket.Remote,-22} {Quantity.Text(In),9} {Quantity.Text(Out),9} {Quantity.Text(Socket.Received),9} {Quantity.Text(Socket.Sent),9}  {Wait()}";

    /// <summary>Formats what matters most, for a narrow window.</summary>
    public string ToNarrowString() =>
        $"{(Socket.Remote.Length > 0 ? Socket.Remote : $"{Socket.Kind} {Socket.Local}"),-23} {Quantity.Text(In),9} {Quantity.Text(Out),9}  {Wait()}";

    private string Wait() => Socket switch
    {
        { WaitsFor: "" } => "nothing",
        { WaitsSince: { } since } => string.Create(CultureInfo.InvariantCulture, $"{Socket.WaitsFor}, {since.TotalSeconds:0.0} s"),
        _ => Socket.WaitsFor,
    };
}
