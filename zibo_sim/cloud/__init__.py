"""Government cloud: the clocks of 淄政办字〔2018〕147号 and the queue that keeps or misses them."""
