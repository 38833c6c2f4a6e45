using System.Globalization;

namespace Sluice.Testing.Tracing;

/// <summary>An event of a trace.</summary>
/// <param name="Time">The virtual time, in ticks.</param>
/// <param name="Kind">The kind.</param>
/// <param name="From">The host; the sender of a packet.</param>
/// <param name="To">The receiver of a packet; null if there is none.</param>
/// <param name="Text">What happened, without the length.</param>
/// <param name="Length">The number of bytes of a packet.</param>
/// <param name="Connection">The number of the connection; 0 for none.</param>
internal readonly record struct TraceEvent(long Time, TraceKind Kind, string From, string? To, string Text, int Length = 0, int Connection = 0)
{
    /// <summary>Gets what happened, with the length.</summary>
    public string Label
    {
        get
        {
            string bytes = Length > 0 ? string.Create(CultureInfo.InvariantCulture, $" {Length} B") : "";
            string connection = Connection > 0 ? string.Create(CultureInfo.InvariantCulture, $" #{Connection}") : "";
            return Text + bytes + connection;
        }
    }

    public override string ToString()
    {
        string time = (Time / (double)TimeSpan.TicksPerSecond).ToString("0.000000", CultureInfo.InvariantCulture);
        return Kind switch
        {
            TraceKind.Packet => $"{time}  {From} -> {To}  {Label}",
            TraceKind.Lost => $"{time}  {From} -x {To}  {Label}",
            _ => $"{time}  {From}{(To is null ? "" : " - " + To)}  {Label}",
        };
    }
}
