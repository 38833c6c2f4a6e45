using System.Globalization;
using Sluice.Cli.Output;

namespace Sluice.Cli.Relay;

/// <summary>Prints what a relay does: lines for people, or lines of JSON.</summary>
internal sealed class RelayLog(bool quiet, bool json)
{
    /// <summary>Prints that the relay is ready.</summary>
    /// <param name="name">Where it listens.</param>
    /// <param name="targets">The targets.</param>
    /// <param name="unchanged">The arguments that have no effect on a listener that was taken over.</param>
    public void Started(string name, IEnumerable<Target> targets, IReadOnlyList<string> unchanged)
    {
        string[] names = [.. targets.Select(target => $"{target.Address}")];
        Write(json
            ? JsonLine.Of(("event", "started"), ("listen", name), ("targets", names), ("unchanged", unchanged.Count > 0 ? unchanged : null))
            : $"Relaying {name} to {string.Join(", ", names)}{Restart(unchanged)}");
    }

    public void Connected(string client, Target target)
    {
        if (!quiet)
        {
            Write(json
                ? JsonLine.Of(("event", "connected"), ("client", client), ("target", $"{target.Address}"))
                : $"{client} connected to {target.Address}");
        }
    }

    public void Disconnected(string client, Target target, RelayCounters counters, TimeSpan elapsed, string? error)
    {
        if (!quiet)
        {
            Write(json
                ? JsonLine.Of(
                    ("event", "disconnected"), ("client", client), ("target", $"{target.Address}"), ("sent", counters.Known ? counters.There : null),
                    ("received", counters.Known ? counters.Back : null), ("seconds", elapsed.TotalSeconds), ("error", error))
                : $"{client} disconnected after {elapsed.TotalSeconds.ToString("0.000", CultureInfo.InvariantCulture)} s"
                    + $"{(counters.Known ? $", {Quantity.Of(counters.There, "byte")} there, {counters.Back} back" : "")}{(error is null ? "" : $": {error}")}");
        }
    }

    /// <summary>Prints that a client was reset, because it could be connected to no target.</summary>
    public void Refused(string client, string error)
    {
        if (!quiet)
        {
            Write(json ? JsonLine.Of(("event", "disconnected"), ("client", client), ("error", error)) : $"{client} disconnected: {error}");
        }
    }

    public void RecordingEnded(string error) => Write(json
        ? JsonLine.Of(("event", "recording ended"), ("error", error))
        : $"The recording has ended, and the relay goes on: {error}");

    public void TargetUp(Target target) => Write(json ? JsonLine.Of(("event", "up"), ("target", $"{target.Address}")) : $"{target.Address} is up");

    public void TargetDown(Target target, string error) => Write(json
        ? JsonLine.Of(("event", "down"), ("target", $"{target.Address}"), ("error", error))
        : $"{target.Address} is down: {error}");

    public void Reloaded(IEnumerable<Target> targets, IReadOnlyList<string> unchanged)
    {
        string[] names = [.. targets.Select(target => $"{target.Address}")];
        Write(json
            ? JsonLine.Of(("event", "reloaded"), ("targets", names), ("unchanged", unchanged.Count > 0 ? unchanged : null))
            : $"Reloaded, relaying to {string.Join(", ", names)}{Restart(unchanged)}");
    }

    public void NotReloaded(string error) => Write(json ? JsonLine.Of(("event", "not reloaded"), ("error", error)) : $"Not reloaded: {error}");

    /// <summary>Prints that the relay cannot begin yet, because the one before it does not answer.</summary>
    public void Waiting(string path)
    {
        string text = $"Waiting for the relay at {path} to hand its listener over";
        Write(json ? JsonLine.Of(("event", "waiting"), ("text", text)) : text);
    }

    public void HandedOver() => Write(json ? JsonLine.Of(("event", "handed over")) : "Handed the listener over; connections go on until they end.");

    private static string Restart(IReadOnlyList<string> unchanged) => unchanged.Count > 0 ? $"; changed only by a restart: {string.Join(", ", unchanged)}" : "";

    // A relay whose side is the standard output keeps that for the bytes.
    private static void Write(string line) => Progress.WriteError(line);
}
