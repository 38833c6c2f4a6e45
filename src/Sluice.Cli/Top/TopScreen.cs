using System.Globalization;
using System.Text;
using Sluice.Cli.Output;

namespace Sluice.Cli.Top;

/// <summary>Shows a server on a terminal, and takes keys.</summary>
internal sealed class TopScreen(Func<CancellationToken, Task<TopSnapshot>> source, TopView view, TimeSpan interval, ITerminal terminal)
{
    private const string Help = "q quit  s sort  / filter  arrows, Enter look into one  Esc back";

    // How soon the display follows the size of the window.
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    private TopSnapshot? _before;
    private TopSnapshot? _now;
    private (int Width, int Height) _size;
    private string _error = string.Empty;
    private bool _isFiltering;

    public async Task<int> RunAsync(CancellationToken stopping)
    {
        try
        {
            _now = await source(stopping);
            _before = _now;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // A server that does not answer does not hold up the end.
            return ExitCodes.Success;
        }

        // The alternate screen, without a cursor: the terminal is afterwards as it was.
        terminal.Write("\e[?1049h\e[?25l"u8);
        try
        {
            await ShowAsync(stopping);
        }
        finally
        {
            terminal.Write("\e[?25h\e[?1049l"u8);
        }

        return ExitCodes.Success;
    }

    private async Task ShowAsync(CancellationToken stopping)
    {
        long last = TimeProvider.System.GetTimestamp();
        Task<(TopSnapshot? Snapshot, string Error)>? looking = null;

        // While a key is awaited, the terminal does not show what is typed. The wait cannot be canceled: at the end of the process it is simply left.
        Task<ConsoleKeyInfo> reading = Task.Run(terminal.ReadKey, CancellationToken.None);
        Draw();
        while (!stopping.IsCancellationRequested)
        {
            if (reading.IsCompleted)
            {
                if (!Apply(await reading))
                {
                    return;
                }

                reading = Task.Run(terminal.ReadKey, CancellationToken.None);
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

            if (_size != (terminal.Width, terminal.Height))
            {
                Draw();
            }

            await Task.WhenAny(reading, (Task?)looking ?? reading, Task.Delay(s_pause, stopping));
        }
    }

    // What the server says; null and the reason if it does not.
    private async Task<(TopSnapshot? Snapshot, string Error)> LookAsync(CancellationToken stopping)
    {
        try
        {
            return (await source(stopping), string.Empty);
        }
        catch (Exception exception) when (Failures.IsExpected(exception) || exception is OperationCanceledException)
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
            view.Filter = key switch
            {
                { Key: ConsoleKey.Backspace } => view.Filter[..Math.Max(0, view.Filter.Length - 1)],
                { KeyChar: var character } when char.IsControl(character) => view.Filter,
                _ => view.Filter + key.KeyChar,
            };
            return true;
        }

        switch (key.Key)
        {
            case ConsoleKey.DownArrow:
                view.Move(1);
                break;
            case ConsoleKey.UpArrow:
                view.Move(-1);
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
        _size = (terminal.Width, terminal.Height);
        int width = Math.Max(_size.Width, 20);
        int height = Math.Max(_size.Height, 5);
        var text = new StringBuilder("\e[H");

        // The last cell of a row stays free: behind it, the cursor would still stand on it, and the rest of the row is erased from the cursor on.
        foreach (string line in view.Format(_before!, _now!, width - 1, height - 1))
        {
            text.Append(line).Append("\e[K\r\n");
        }

        string bottom = EscapedText.Printable(Bottom());
        text.Append("\e[J").Append(CultureInfo.InvariantCulture, $"\e[{height};1H\e[7m{(bottom.Length > width ? bottom[..width] : bottom.PadRight(width))}\e[0m");
        terminal.Write(Encoding.UTF8.GetBytes(text.ToString()));
    }

    private string Bottom()
    {
        if (_error.Length > 0)
        {
            double age = TimeProvider.System.GetElapsedTime(_now!.Time).TotalSeconds;
            return string.Create(CultureInfo.InvariantCulture, $"{age:0} s old: {_error}");
        }

        string order = $"sorted by {$"{view.Order}".ToLowerInvariant()}";
        return _isFiltering || view.Filter.Length > 0 ? $"{order}, filter: {view.Filter}{(_isFiltering ? "_" : "")}" : $"{order}  {Help}";
    }
}
