using System.Globalization;
using Sluice.Cli.Output;

namespace Sluice.Cli.Top;

/// <summary>Formats two snapshots as lines of text.</summary>
internal sealed class TopView
{
    public TopOrder Order { get; set; }

    public string Filter { get; set; } = string.Empty;

    /// <summary>Gets or sets the number of the selected connection.</summary>
    public int Selected { get; set; } = -1;

    /// <summary>Gets or sets a value indicating whether the selected connection is shown alone.</summary>
    public bool IsDetailed { get; set; }

    /// <summary>Formats the lines that fit into a window.</summary>
    public IReadOnlyList<string> Format(TopSnapshot before, TopSnapshot now, int width, int height)
    {
        double seconds = Math.Max(TimeProvider.System.GetElapsedTime(before.Time, now.Time).TotalSeconds, 1e-3);
        Dictionary<string, TopSocket> old = before.Sockets.GroupBy(socket => socket.Key).ToDictionary(group => group.Key, group => group.First());
        TopRow[] all = [.. now.Sockets.Select(socket => TopRow.Of(socket, old.GetValueOrDefault(socket.Key), seconds))];
        var lines = new List<string>();
        AddHead(lines, before, now, all, seconds);
        TopRow[] rows = [.. Sort(all.Where(row => row.Matches(Filter)))];
        Selected = Math.Min(Selected, rows.Length - 1);
        if (IsDetailed && Selected >= 0)
        {
            lines.AddRange(rows[Selected].Details());
        }
        else
        {
            AddRows(lines, rows, height - lines.Count - 1);
        }

        return [.. lines.Take(height).Select(line => line.Length > width ? line[..width] : line)];
    }

    private static void AddHead(List<string> lines, TopSnapshot before, TopSnapshot now, TopRow[] rows, double seconds)
    {
        int connections = rows.Count(row => row.Socket.Kind == "connection");
        lines.Add(string.Create(
            CultureInfo.InvariantCulture,
            $"{now.Selectors.Sum(one => one.SocketCount)} sockets, {connections} connections, {Quantity.Text(rows.Sum(row => row.In))}/s in, {Quantity.Text(rows.Sum(row => row.Out))}/s out"));
        for (int i = 0; i < now.Selectors.Count; i++)
        {
            TopSelector selector = now.Selectors[i];
            TopSelector? old = i < before.Selectors.Count ? before.Selectors[i] : null;
            foreach (TopLoop loop in selector.Loops)
            {
                TopLoop? past = old?.Loops.FirstOrDefault(one => one.Number == loop.Number);
                double awake = Math.Clamp((loop.AwakeSeconds - (past?.AwakeSeconds ?? loop.AwakeSeconds)) / seconds * 100, 0, 100);
                double turns = (loop.Turns - (past?.Turns ?? loop.Turns)) / seconds;
                lines.Add(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{selector.Engine} loop {loop.Number,2}  [{new string('#', (int)(awake / 5)),-20}] {awake,3:0} %  {turns,9:N0} turns/s  {loop.Queued,5} queued  {loop.Activity}"));
            }
        }

        lines.Add(string.Empty);
    }

    private void AddRows(List<string> lines, TopRow[] rows, int room)
    {
        lines.Add(TopRow.Title);
        int first = Math.Max(0, Selected - Math.Max(room, 1) + 1);
        for (int i = first; i < rows.Length && i < first + room; i++)
        {
            lines.Add((i == Selected ? ">" : " ") + rows[i]);
        }
    }

    private IEnumerable<TopRow> Sort(IEnumerable<TopRow> rows) => Order switch
    {
        TopOrder.Bytes => rows.OrderByDescending(row => row.Socket.Received + row.Socket.Sent),
        TopOrder.Wait => rows.OrderByDescending(row => row.Socket.WaitsSince ?? TimeSpan.Zero),
        TopOrder.Peer => rows.OrderBy(row => row.Socket.Remote, StringComparer.Ordinal),
        _ => rows.OrderByDescending(row => row.In + row.Out),
    };
}
