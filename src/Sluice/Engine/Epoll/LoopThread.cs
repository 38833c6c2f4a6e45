namespace Sluice.Engine.Epoll;

/// <summary>A thread that runs a loop until the loop ends or another thread takes it over. Then it waits for the next loop, or ends.</summary>
internal sealed class LoopThread
{
    private readonly LoopThreads _owner;
    private readonly ManualResetEventSlim _wake = new(initialState: false, spinCount: 0);
    private readonly Thread _thread;

    // Set while the thread waits for _wake, by the thread that sets _wake.
    private EpollLoop? _loop;

    public LoopThread(LoopThreads owner)
    {
        _owner = owner;
        _thread = new Thread(Main) { IsBackground = true, Name = "Sluice loop" };
        _thread.UnsafeStart();
    }

    /// <summary>Runs a loop on the thread, which has none.</summary>
    public void Run(EpollLoop loop)
    {
        _loop = loop;
        _wake.Set();
    }

    /// <summary>Ends the thread, which has no loop, and waits for its end.</summary>
    public void Dismiss()
    {
        _wake.Set();
        _thread.Join();
    }

    private void Main()
    {
        do
        {
            _wake.Wait();
            _wake.Reset();
            if (_loop is not { } loop)
            {
                break;
            }

            _loop = null;
            loop.Run();
        }
        while (_owner.TryKeep(this));

        _wake.Dispose();
    }
}
