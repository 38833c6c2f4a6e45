using System.Text;

namespace Sluice.Cli.Top;

/// <summary>Shows a server on a terminal, and takes keys.</summary>
internal sealed class TopScreen(TopSource source, TopView view, TimeSpan interval)
{
    private const string Help = "q quit  s sort  / filter  up, down select  Enter look into it  Esc back";

    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(50);

    private TopSnapshot? _before;
    private TopSnapshot? _now;
    private string _error = string.Empty;
    private bool _isFiltering;

    public async Task<int> RunAsync()
    {
        _now = await source.ReadAsync(CancellationToken.None);
        _before = _now;
        using var signals = new StopSignals();

        // The alternate screen, without a cursor: the terminal is afterwards as it was.
        Console.Write("\e[?1049h\e[?25l");
        try
        {
            await RunAsync(signals.Stopping);
        }
        finally
        {
            Console.Write("\e[?25h\e[?1049l");
        }

        return ExitCodes.Success;
    }

    private async Task RunAsync(CancellationToken stopping)
    {
        long last = TimeProvider.System.GetTimestamp();
        Task<(TopSnapshot? Snapshot, string Error)>? looking = null;
        Draw();
        while (!stopping.IsCancellationRequested)
        {
            while (Console.KeyAvailable)
            {
                if (!Apply(Console.ReadKey(intercept: true)))
                {
                    return;
                }

                Draw();
            }

            // A server that does not answer does not hold up the keys.
            if (looking is { IsCompleted: true })
            {
                Take(await looking);
                looking = null;
            }

            if (looking is null && TimeProvider.System.GetElapsedTime(last) >= interval)
            {
                last = TimeProvider.System.GetTimestamp();
                looking = LookAsync(stopping);
            }

            await Task.Delay(s_look, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // What the server says; null and the reason if it does not.
    private async Task<(TopSnapshot? Snapshot, string Error)> LookAsync(CancellationToken stopping)
    {
        try
        {
            return (await source.ReadAsync(stopping), string.Empty);
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException or OperationCanceledException)
        {
            // The server may come back.
            return (null, exception.Message);
        }
    }

    private void Take((TopSnapshot? Snapshot, string Error) look)
    {
        (_before, _now) = look.Snapshot is null ? (_before, _now) : (_now, look.Snapshot);
        _error = look.Error;
        Draw();
    }

    // False to end.
    private bool Apply(ConsoleKeyInfo key)
    {
        if (_isFiltering)
        {
            _isFiltering = key.Key is not (ConsoleKey.Enter or ConsoleKey.Escape);
            view.Filter = key.Key == ConsoleKey.Backspace ? view.Filter[..Math.Max(0, view.Filter.Length - 1)]
                : char.IsControl(key.KeyChar) ? view.Filter
                : view.Filter + key.KeyChar;
            return true;
        }

        switch (key.Key)
        {
            case ConsoleKey.DownArrow:
                view.Selected++;
                break;
            case ConsoleKey.UpArrow:
                view.Selected = Math.Max(-1, view.Selected - 1);
                break;
            case ConsoleKey.Enter:
                view.IsDetailed = view.Selected >= 0;
                break;
            case ConsoleKey.Escape:
                (view.IsDetailed, view.Filter) = (false, view.IsDetailed ? view.Filter : string.Empty);
                break;
            case ConsoleKey.S:
                view.Order = (TopOrder)(((int)view.Order + 1) % Enum.GetValues<TopOrder>().Length);
                break;
            default:
                _isFiltering = key.KeyChar == '/';
                return key.Key != ConsoleKey.Q;
        }

        return true;
    }

    private void Draw()
    {
        int width = Math.Max(Console.WindowWidth, 20);
        int height = Math.Max(Console.WindowHeight, 5);
        var text = new StringBuilder("\e[H");
        foreach (string line in view.Format(_before!, _now!, width, height - 1))
        {
            text.Append(line).Append("\e[K\r\n");
        }

        string order = $"sorted by {$"{view.Order}".ToLowerInvariant()}";
        string bottom = _error.Length > 0 ? _error : _isFiltering || view.Filter.Length > 0 ? $"{order}, filter: {view.Filter}{(_isFiltering ? "_" : "")}" : $"{order}  {Help}";
        text.Append("\e[J").Append(System.Globalization.CultureInfo.InvariantCulture, $"\e[{height};1H\e[7m{(bottom.Length > width ? bottom[..width] : bottom.PadRight(width))}\e[0m");
        Console.Write(text);
    }
}
