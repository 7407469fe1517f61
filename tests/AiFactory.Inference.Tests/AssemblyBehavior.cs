// Workers of several test classes live in one process and hear each other's meters, which have one name: the end of one would end the
// metrics of the other. So one class runs after the other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
