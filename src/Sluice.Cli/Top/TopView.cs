using System.Globalization;
using Sluice.Cli.Output;

namespace Sluice.Cli.Top;

/// <summary>Formats two snapshots as lines of text.</summary>
internal sealed class TopView
{
    private const int NarrowWidth = 100;

    private TopRow[] _rows = [];
    private int _selected = -1;
    private string? _selectedKey;

    public TopOrder Order { get; set; }

    public string Filter { get; set; } = string.Empty;

    /// <summary>Gets the number of the selected socket; -1 for none.</summary>
    public int Selected
    {
        get => _selected;
        init => _selected = value;
    }

    /// <summary>Gets or sets a value indicating whether the selected connection is shown alone.</summary>
    public bool IsDetailed { get; set; }

    /// <summary>Formats the lines that fit into a window.</summary>
    public IReadOnlyList<string> Format(TopSnapshot before, TopSnapshot now, int width, int height)
    {
        double seconds = Math.Max(TimeProvider.System.GetElapsedTime(before.Time, now.Time).TotalSeconds, 1e-3);
        Dictionary<string, TopSocket> old = before.Sockets.GroupBy(socket => socket.Key).ToDictionary(group => group.Key, group => group.First());
        TopRow[] all = [.. now.Sockets.Select(socket => TopRow.Of(socket, old.GetValueOrDefault(socket.Key), seconds))];
        var lines = new List<string>();
        bool isNarrow = width < NarrowWidth;
        AddHead(lines, before, now, all, seconds, isNarrow, Math.Max(1, height / 3));
        _rows = [.. Sort(all.Where(row => row.Matches(Filter)))];
        FollowSelected();
        if (IsDetailed && _selectedKey is not null)
        {
            lines.AddRange(Array.Find(all, row => row.Socket.Key == _selectedKey)?.Details() ?? [$"{_selectedKey} is closed"]);
        }
        else
        {
            AddRows(lines, isNarrow, height - lines.Count - 1);
        }

        return [.. lines.Take(height).Select(EscapedText.Printable).Select(line => line.Length > width ? line[..width] : line)];
    }

    /// <summary>Selects a socket above or below the selected one.</summary>
    public void Move(int rows)
    {
        _selected = Math.Clamp(_selected + rows, -1, _rows.Length - 1);
        _selectedKey = _selected < 0 ? null : _rows[_selected].Socket.Key;
    }

    // The socket stays selected where it goes. If it is gone, the one that stands there now takes its place, unless it is looked into.
    private void FollowSelected()
    {
        int at = _selectedKey is null ? -1 : Array.FindIndex(_rows, row => row.Socket.Key == _selectedKey);
        if (at >= 0)
        {
            _selected = at;
        }
        else if (!IsDetailed || _selectedKey is null)
        {
            Move(0);
        }
    }

    private static void AddHead(List<string> lines, TopSnapshot before, TopSnapshot now, TopRow[] rows, double seconds, bool isNarrow, int room)
    {
        int connections = rows.Count(row => row.Socket.Kind == "connection");
        lines.Add(string.Create(
            CultureInfo.InvariantCulture,
            $"{now.Selectors.Sum(one => one.SocketCount)} sockets, {connections} connections, {Quantity.Text(rows.Sum(row => row.In))}/s in, {Quantity.Text(rows.Sum(row => row.Out))}/s out"));
        var loops = new List<(double Awake, string Line)>();
        for (int i = 0; i < now.Selectors.Count; i++)
        {
            TopSelector selector = now.Selectors[i];
            TopSelector? old = i < before.Selectors.Count ? before.Selectors[i] : null;
            foreach (TopLoop loop in selector.Loops)
            {
                TopLoop? past = old?.Loops.FirstOrDefault(one => one.Number == loop.Number);
                double awake = Math.Clamp((loop.AwakeSeconds - (past?.AwakeSeconds ?? loop.AwakeSeconds)) / seconds * 100, 0, 100);
                double turns = (loop.Turns - (past?.Turns ?? loop.Turns)) / seconds;
                loops.Add((awake, isNarrow
                    ? string.Create(CultureInfo.InvariantCulture, $"loop {loop.Number,2} [{new string('#', (int)(awake / 10)),-10}] {awake,3:0} % {turns,9:N0} turns/s {loop.Queued,5} queued")
                    : string.Create(
                        CultureInfo.InvariantCulture,
                        $"{selector.Engine} loop {loop.Number,2}  [{new string('#', (int)(awake / 5)),-20}] {awake,3:0} %  {turns,9:N0} turns/s  {loop.Queued,5} queued  {loop.Activity}")));
            }
        }

        // Many loops leave room for the sockets.
        List<string> busiest = [.. loops.Index().OrderByDescending(loop => loop.Item.Awake).Take(room).OrderBy(loop => loop.Index).Select(loop => loop.Item.Line)];
        lines.AddRange(busiest);
        if (busiest.Count < loops.Count)
        {
            lines.Add($"and {loops.Count - busiest.Count} more loops, which are no busier");
        }

        lines.Add(string.Empty);
    }

    private void AddRows(List<string> lines, bool isNarrow, int room)
    {
        lines.Add(isNarrow ? TopRow.NarrowTitle : TopRow.Title);
        int first = Math.Max(0, _selected - Math.Max(room, 1) + 1);
        for (int i = first; i < _rows.Length && i < first + room; i++)
        {
            lines.Add((i == _selected ? ">" : " ") + (isNarrow ? _rows[i].ToNarrowString() : $"{_rows[i]}"));
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
